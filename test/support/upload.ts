/** Response of the API to POST /uploads. */
export interface Upload {
  readonly key: string;
  readonly image: string;
  readonly upload: {
    readonly url: string;
    readonly fields: Readonly<Record<string, string>>;
    readonly expires: string;
  };
}

/** Creates the form of an upload: all fields in their order, and then the file. */
export function formOf({ upload }: Upload, file: Buffer): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(upload.fields)) {
    form.append(name, value);
  }
  form.append('file', new Blob([new Uint8Array(file)]), 'file');
  return form;
}

/** Uploads a file to a running API: requests an upload form, and sends the form with the file. */
export async function upload(url: string, key: string, file: Buffer, contentType = 'image/jpeg'): Promise<Upload> {
  const response = await fetch(`${url}/uploads`, {
    method: 'POST',
    body: JSON.stringify({ key, contentType, bytes: file.length }),
  });
  const created = (await response.json()) as Upload;
  expect([response.status, created.key]).toEqual([201, key]);
  const sent = await fetch(created.upload.url, { method: 'POST', body: formOf(created, file) });
  expect(sent.status).toBe(204);
  return created;
}
