import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import type { ObjectStore } from '../../storage';
import type { UploadForm, UploadPolicy } from '../http-api-options';
import { Problem } from '../problems/problem';

/** Path that receives forms. */
export const FORM_PATH = '/uploads/form';
/** Maximum size of a form without its file: fields and boundaries. */
export const FORM_OVERHEAD_BYTES = 64 * 1024;

const policySchema = z.object({
  key: z.string(),
  contentType: z.string(),
  bytes: z.number(),
  metadata: z.record(z.string(), z.string()),
  /** Milliseconds since 1970. */
  expires: z.number(),
});

/** Options of {@link FormUploads}. */
export interface FormUploadsOptions {
  readonly store: Pick<ObjectStore, 'put'>;
  /** Callback for the key of each stored file. @default - no callback */
  readonly changed?: (key: string) => void;
  /** Returns the current time in milliseconds since 1970. @default - the system clock */
  readonly now?: () => number;
}

/**
 * Implements the equivalent of a presigned POST of S3 for object stores without a public URL. A form is valid for one key,
 * media type and size, and only in the process that created it.
 */
export class FormUploads {
  private readonly secret = randomBytes(32);
  private readonly now: () => number;

  public constructor(private readonly options: FormUploadsOptions) {
    this.now = options.now ?? Date.now;
  }

  /** Creates a form. */
  public createForm(upload: UploadPolicy, origin: string): Promise<UploadForm> {
    const { key, contentType, bytes, metadata } = upload;
    const content: z.infer<typeof policySchema> = {
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
   * Stores the file of a form.
   *
   * @throws Problem with code `invalid-upload-form` if the form does not match its policy
   * @throws Problem with code `file-too-large` if the file is larger than the policy allows
   */
  public async receive(form: FormData): Promise<void> {
    const policyText = text(form, 'policy');
    const signature = text(form, 'signature');
    const given = Buffer.from(/^[0-9a-f]{64}$/.test(signature) ? signature : '', 'hex');
    const expected = this.sign(policyText);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw new Problem('invalid-upload-form', 'The signature does not match the policy.');
    }
    // The signature proves that this process created the policy.
    const policy = policySchema.parse(JSON.parse(Buffer.from(policyText, 'base64url').toString()));
    if (policy.expires < this.now()) {
      throw new Problem('invalid-upload-form', `The form expired at ${new Date(policy.expires).toISOString()}.`);
    }
    if (text(form, 'key') !== policy.key) {
      throw new Problem('invalid-upload-form', `The form allows the key ${JSON.stringify(policy.key)} only.`);
    }
    if (text(form, 'Content-Type') !== policy.contentType) {
      throw new Problem('invalid-upload-form', `The form allows the Content-Type ${policy.contentType} only.`);
    }
    const file = form.get('file');
    if (!(file instanceof Blob)) {
      throw new Problem('invalid-upload-form', 'The field file does not contain a file.');
    }
    if (file.size !== policy.bytes) {
      const code = file.size > policy.bytes ? 'file-too-large' : 'invalid-upload-form';
      throw new Problem(code, `The file has ${file.size} bytes; the form allows ${policy.bytes}.`);
    }
    await this.options.store.put(policy.key, Buffer.from(await file.arrayBuffer()), {
      contentType: policy.contentType,
      metadata: policy.metadata,
    });
    this.options.changed?.(policy.key);
  }

  private sign(policy: string): Buffer {
    return createHmac('sha256', this.secret).update(policy).digest();
  }
}

/** Returns the value of a text field that occurs exactly once. */
function text(form: FormData, name: string): string {
  const [value, ...others] = form.getAll(name);
  if (typeof value !== 'string' || others.length > 0) {
    throw new Problem('invalid-upload-form', `The form must contain the field ${name} exactly once.`);
  }
  return value;
}
