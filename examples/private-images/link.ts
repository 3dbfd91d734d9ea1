import { signUrl } from 'cdk-thumbnails/signer';

/** Content of the secret: signing keys by id. */
export type SigningKeys = Readonly<Record<string, string>>;

/**
 * Returns a signed link to the manifest of an image. The link is valid for 15 minutes. Call this function after your server has
 * checked that the user has access to the image.
 *
 * @param api URL of the API with a slash at its end, as in the stack output
 * @param key source key of the image
 * @param keys parsed content of the secret; read the secret once, not for each link
 */
export function imageLink(api: string, key: string, keys: SigningKeys): string {
  const [id, newest] = Object.entries(keys).at(-1)!;
  const path = key.split('/').map(encodeURIComponent).join('/');
  const expires = new Date(Date.now() + 15 * 60_000);
  return signUrl(new URL(`images/${path}`, api).href, { id, key: newest, method: 'GET', expires });
}
