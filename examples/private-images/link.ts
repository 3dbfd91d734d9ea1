import { signUrl } from 'cdk-thumbnails/signer';

/** What the secret holds: keys by their ids. */
export type SigningKeys = Readonly<Record<string, string>>;

/**
 * A link to what is known of an image, with links to its thumbnails in it. Your server hands it to whoever may see the image,
 * after it has asked who they are.
 *
 * @param api address of the API, with a slash at the end, as the stack's output has it
 * @param key key of the image
 * @param keys text of the secret, parsed; read it once, and not for every link
 */
export function imageLink(api: string, key: string, keys: SigningKeys): string {
  const [id, newest] = Object.entries(keys).at(-1)!;
  const path = key.split('/').map(encodeURIComponent).join('/');
  const expires = new Date(Date.now() + 15 * 60_000);
  return signUrl(new URL(`images/${path}`, api).href, { id, key: newest, method: 'GET', expires });
}
