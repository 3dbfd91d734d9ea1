/** An upload as the API hands it out. */
export interface Upload {
  readonly key: string;
  readonly image: string;
  readonly upload: {
    readonly url: string;
    readonly fields: Readonly<Record<string, string>>;
    readonly expires: string;
  };
}

/** The form of an upload as a browser sends it: the fields in their order, and then the file. */
export function formOf({ upload }: Upload, file: Buffer): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(upload.fields)) {
    form.append(name, value);
  }
  form.append('file', new Blob([new Uint8Array(file)]), 'file');
  return form;
}

/** Uploads a file to a running API in the two steps that it takes: asks for the form, and sends it. */
export async function upload(url: string, key: string, file: Buffer, contentType = 'image/jpeg'): Promise<Upload> {
  const asked = await fetch(`${url}/uploads`, {
    method: 'POST',
    body: JSON.stringify({ key, contentType, bytes: file.length }),
  });
  const answer = (await asked.json()) as Upload;
  expect([asked.status, answer.key]).toEqual([201, key]);
  const sent = await fetch(answer.upload.url, { method: 'POST', body: formOf(answer, file) });
  expect(sent.status).toBe(204);
  return answer;
}
