import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import type { ObjectStore } from '../../storage';
import type { UploadForm, UploadPolicy } from '../http-api-options';
import { Problem } from '../problems/problem';

/** Path at which forms are taken. */
export const FORM_PATH = '/uploads/form';
/** More than the fields of a form and the lines between them. */
export const FORM_OVERHEAD_BYTES = 64 * 1024;

const policySchema = z.object({
  key: z.string(),
  contentType: z.string(),
  bytes: z.number(),
  metadata: z.record(z.string(), z.string()),
  /** Milliseconds since 1970. */
  expires: z.number(),
});

/** How forms are taken. */
export interface FormUploadsOptions {
  readonly store: Pick<ObjectStore, 'put'>;
  /** Hears of every key that was written. */
  readonly changed?: (key: string) => void;
  /** Milliseconds since 1970. @default the clock of the machine */
  readonly now?: () => number;
}

/**
 * Does for a store without an address of its own what S3 does with a presigned POST: takes a form that was handed out
 * here, and only with the key, the type and the size that it was handed out for. Forms end with the process.
 */
export class FormUploads {
  private readonly secret = randomBytes(32);
  private readonly now: () => number;

  public constructor(private readonly options: FormUploadsOptions) {
    this.now = options.now ?? Date.now;
  }

  /** Makes a form. */
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
   * @throws Problem `invalid-form` when it is not as it was handed out, `too-many-bytes` when the file is another size
   */
  public async receive(form: FormData): Promise<void> {
    const policyText = text(form, 'policy');
    const signature = text(form, 'signature');
    const given = Buffer.from(/^[0-9a-f]{64}$/.test(signature) ? signature : '', 'hex');
    const expected = this.sign(policyText);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw new Problem('invalid-upload-form', 'the signature is not that of the policy');
    }
    // It was written here, as the signature says.
    const policy = policySchema.parse(JSON.parse(Buffer.from(policyText, 'base64url').toString()));
    if (policy.expires < this.now()) {
      throw new Problem('invalid-upload-form', `the form was valid until ${new Date(policy.expires).toISOString()}`);
    }
    if (text(form, 'key') !== policy.key) {
      throw new Problem('invalid-upload-form', `the form is for the key ${policy.key}`);
    }
    if (text(form, 'Content-Type') !== policy.contentType) {
      throw new Problem('invalid-upload-form', `the form is for the content type ${policy.contentType}`);
    }
    const file = form.get('file');
    if (!(file instanceof Blob)) {
      throw new Problem('invalid-upload-form', 'the file has to be in the field file');
    }
    if (file.size !== policy.bytes) {
      const code = file.size > policy.bytes ? 'file-too-large' : 'invalid-upload-form';
      throw new Problem(code, `the file has ${file.size} bytes, the form is for ${policy.bytes}`);
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

/** The value of a field that stands once. */
function text(form: FormData, name: string): string {
  const [value, ...others] = form.getAll(name);
  if (typeof value !== 'string' || others.length > 0) {
    throw new Problem('invalid-upload-form', `the field ${name} has to stand in the form once`);
  }
  return value;
}
