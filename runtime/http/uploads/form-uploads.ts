import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import * as v from 'valibot';
import type { FileObjectStore } from '../../storage';
import type { UploadForm, UploadPolicy } from '../http-api-options';
import { Problem } from '../problems/problem';
import { readUploadForm, type UploadFormFields } from './read-upload-form';
import { TemporaryFile } from './temporary-file';

/** Path that receives forms. */
export const FORM_PATH = '/uploads/form';
/** Maximum number of uploads in progress. */
const MAX_UPLOADS = 16;
/**
 * Maximum total size in bytes of the files of uploads in progress, because the temporary directory contains them until the
 * uploads are complete.
 */
const MAX_UPLOAD_BYTES = 128 * 1024 * 1024;

const policySchema = v.object({
  key: v.string(),
  contentType: v.string(),
  bytes: v.number(),
  metadata: v.record(v.string(), v.string()),
  /** Time at which the form expires, in milliseconds since 1970. */
  expires: v.number(),
});

type UploadFormPolicy = v.InferOutput<typeof policySchema>;

/** Options of {@link FormUploads}. */
export interface FormUploadsOptions {
  readonly store: Pick<FileObjectStore, 'putFile'>;
  /** Function that receives the key of each file after the file is stored. @default - no callback */
  readonly changed?: (key: string) => void;
  /** Directory for the files of uploads in progress. @default - the temporary directory of the operating system */
  readonly temporaryDirectory?: string;
  /** Function that returns the current time in milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

/**
 * Replaces the presigned POST of S3 for object stores without a public URL: creates and receives upload forms. A form is valid
 * for one key, one media type and one size. Only the process that created the form accepts it.
 */
export class FormUploads {
  private readonly secret = randomBytes(32);
  private readonly now: () => number;
  private uploads = 0;
  private uploadBytes = 0;

  public constructor(private readonly options: FormUploadsOptions) {
    this.now = options.now ?? Date.now;
  }

  /** Creates the form of an upload, with a signed policy that contains the conditions of the upload. */
  public createForm(upload: UploadPolicy, origin: string): Promise<UploadForm> {
    const { key, contentType, bytes, metadata } = upload;
    const content: UploadFormPolicy = {
      key,
      contentType,
      bytes,
      metadata: { ...metadata },
      expires: this.now() + upload.seconds * 1000,
    };
    const policy = Buffer.from(JSON.stringify(content)).toString('base64url');
    const signature = this.sign(policy).toString('hex');
    return Promise.resolve({
      url: `${origin}${FORM_PATH}`,
      fields: { key, 'Content-Type': contentType, policy, signature },
    });
  }

  /**
   * Stores the file of a form. The method reads the file only if the preceding fields match the signed policy. The method
   * writes the file to a temporary file, and then copies the complete file to the object store.
   *
   * @param maxFileBytes maximum size of a file in bytes
   * @throws Problem with code `invalid-upload-form` if the form does not match its policy
   * @throws Problem with code `file-too-large` if the file is larger than the policy allows
   * @throws Problem with code `too-many-requests` if uploads in progress exceed {@link MAX_UPLOADS} or {@link MAX_UPLOAD_BYTES}
   * @throws Problem with code `storage-unavailable` if the temporary directory is full or not writable
   */
  public async receive(request: Request, maxFileBytes: number): Promise<void> {
    let policy: UploadFormPolicy | undefined;
    let file: TemporaryFile | undefined;
    try {
      const fileBytes = await readUploadForm(request, {
        maxFileBytes,
        begin: async (fields) => {
          const checked = this.checkFields(fields);
          this.reserve(checked.bytes);
          policy = checked;
          file = await TemporaryFile.create(this.options.temporaryDirectory);
          return { file, maxBytes: checked.bytes };
        },
      });
      const { key, bytes, contentType, metadata } = policy!;
      if (fileBytes !== bytes) {
        throw new Problem('invalid-upload-form', `The file has ${fileBytes} bytes; the form allows ${bytes}.`);
      }
      await this.options.store.putFile(key, file!.handle, { contentType, metadata });
      this.options.changed?.(key);
    } finally {
      await file?.close();
      if (policy) {
        this.uploads -= 1;
        this.uploadBytes -= policy.bytes;
      }
    }
  }

  private checkFields(fields: UploadFormFields): UploadFormPolicy {
    const policyText = text(fields, 'policy');
    const signature = text(fields, 'signature');
    const given = Buffer.from(/^[0-9a-f]{64}$/.test(signature) ? signature : '', 'hex');
    const expected = this.sign(policyText);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw new Problem('invalid-upload-form', 'The signature does not match the policy.');
    }
    // The signature proves that this process created the policy.
    const policy = v.parse(policySchema, JSON.parse(Buffer.from(policyText, 'base64url').toString()));
    if (policy.expires < this.now()) {
      throw new Problem('invalid-upload-form', `The form expired at ${new Date(policy.expires).toISOString()}.`);
    }
    if (text(fields, 'key') !== policy.key) {
      throw new Problem('invalid-upload-form', `The form allows the key ${JSON.stringify(policy.key)} only.`);
    }
    if (text(fields, 'Content-Type') !== policy.contentType) {
      throw new Problem('invalid-upload-form', `The form allows the Content-Type ${policy.contentType} only.`);
    }
    return policy;
  }

  /**
   * Counts a new upload in progress. If no other upload is in progress, the file can be larger than {@link MAX_UPLOAD_BYTES}.
   */
  private reserve(bytes: number): void {
    const isFull = this.uploads >= MAX_UPLOADS || this.uploadBytes + bytes > MAX_UPLOAD_BYTES;
    if (this.uploads > 0 && isFull) {
      throw new Problem('too-many-requests', `${this.uploads} uploads are in progress; send the form again later.`);
    }
    this.uploads += 1;
    this.uploadBytes += bytes;
  }

  private sign(policy: string): Buffer {
    return createHmac('sha256', this.secret).update(policy).digest();
  }
}

/**
 * Returns the value of a text field.
 *
 * @throws Problem with code `invalid-upload-form` if the form does not contain the field exactly once
 */
function text(fields: UploadFormFields, name: string): string {
  const [value, ...others] = fields.get(name) ?? [];
  if (value === undefined || others.length > 0) {
    throw new Problem('invalid-upload-form', `The form must contain the field ${name} exactly once.`);
  }
  return value;
}
