// Entry point cdk-thumbnails/client/upload.
import type { ClientConfig } from './config';
import { type RequestOptions, retry } from './requests';
import { absoluteUrl } from './urls';

/** Options of {@link upload}. */
export interface UploadOptions extends RequestOptions {
  /** File name. The API creates a new key that contains the file name. @default - the name of the file */
  readonly filename?: string;
  /** Key of the image. The upload replaces an existing image with the same key. @default - a new key */
  readonly key?: string;
  /** Media type of the image. @default - the type of the file */
  readonly contentType?: string;
  /**
   * Focal point, which cropped thumbnails keep visible. `x` is the distance from the left edge as a fraction of the width, from
   * 0 to 1. `y` is the distance from the top edge as a fraction of the height, from 0 to 1.
   *
   * @default - the property `position` of each thumbnail
   */
  readonly focalPoint?: { readonly x: number; readonly y: number };
  /**
   * Callback for the progress of the upload. Receives the number of sent bytes and the total number of bytes. On platforms
   * without `XMLHttpRequest`, the client calls the function only at the end of the upload.
   *
   * @default - no callback
   */
  readonly onProgress?: (sent: number, total: number) => void;
}

/** An uploaded image. */
export interface Uploaded {
  /** Key of the source. */
  readonly key: string;
  /** URL of the manifest. */
  readonly image: string;
}

/** Members of XMLHttpRequest that an upload uses. */
interface Xhr {
  readonly upload: { onprogress: ((event: { readonly loaded: number; readonly total: number }) => void) | null };
  readonly status: number;
  readonly responseText: string;
  onload: (() => void) | null;
  onerror: (() => void) | null;
  onabort: (() => void) | null;
  open(method: string, url: string): void;
  send(body: FormData): void;
  abort(): void;
  getResponseHeader(name: string): string | null;
}

/** Response of `POST /uploads`. */
interface UploadResponse {
  readonly key: string;
  readonly image: string;
  readonly upload: { readonly url: string; readonly fields: Readonly<Record<string, string>> };
}

/**
 * Uploads an image: requests a form from the API, and sends the file to the URL of the form. Repeats a request after network
 * errors and the status codes 429 and 5xx.
 *
 * @param file image, such as a file of an `<input>` element
 * @throws ResponseError if the API or S3 rejects the upload
 * @throws Error if the last attempt has a network error, or `signal` aborts
 */
export async function upload(
  config: Pick<ClientConfig, 'url' | 'uploadUrl'>,
  file: Blob,
  options: UploadOptions = {},
): Promise<Uploaded> {
  const { key, contentType = file.type, focalPoint, headers, signal, onProgress } = options;
  const filename = key === undefined ? (options.filename ?? (file as Partial<File>).name ?? 'image') : undefined;
  const request = {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify({ filename, key, contentType, bytes: file.size, focalPoint }),
    signal,
  };
  const uploadUrl = config.uploadUrl ?? absoluteUrl(config, '/uploads');
  const response = JSON.parse(await retry(() => fetch(uploadUrl, request), options)) as UploadResponse;
  const form = new FormData();
  for (const [name, value] of Object.entries(response.upload.fields)) {
    form.append(name, value);
  }
  // The file is the last field of the form, because S3 ignores all fields after the file.
  form.append('file', file);
  const { url } = response.upload;
  const XMLHttpRequest = (globalThis as { XMLHttpRequest?: new () => Xhr }).XMLHttpRequest;
  await retry(
    () =>
      onProgress && XMLHttpRequest
        ? sendWithProgress(new XMLHttpRequest(), url, form, onProgress, signal)
        : fetch(url, { method: 'POST', body: form, signal }),
    options,
  );
  onProgress?.(file.size, file.size);
  return { key: response.key, image: absoluteUrl(config, response.image) };
}

/** Sends a form with XMLHttpRequest, because `fetch` does not report the progress of an upload. */
function sendWithProgress(
  xhr: Xhr,
  url: string,
  form: FormData,
  onProgress: (sent: number, total: number) => void,
  signal: AbortSignal | undefined,
): Promise<{ status: number; headers: { get(name: string): string | null }; text(): Promise<string> }> {
  return new Promise((resolve, reject) => {
    const fail = (): void =>
      reject((signal?.reason as Error | undefined) ?? new TypeError(`network error: POST ${url}`));
    xhr.upload.onprogress = ({ loaded, total }): void => onProgress(loaded, total);
    xhr.onload = (): void =>
      resolve({
        status: xhr.status,
        headers: { get: (name) => xhr.getResponseHeader(name) },
        text: () => Promise.resolve(xhr.responseText),
      });
    xhr.onerror = fail;
    xhr.onabort = fail;
    signal?.addEventListener('abort', () => xhr.abort(), { once: true });
    xhr.open('POST', url);
    xhr.send(form);
  });
}
