// What callers sign links with: the package's `cdk-thumbnails/signer`, which needs nothing but Node.js. Its types are those of
// http/sign.ts, but for what is internal there.
export { signUrl } from '../runtime/http/links/sign';
