// Entry point cdk-thumbnails/signer. The build derives the types of the entry point from runtime/http/links/sign.ts.
export { signUrl } from '../runtime/http/links/sign';
