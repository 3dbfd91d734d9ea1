// Entry point cdk-thumbnails/signer. The build derives its types from runtime/http/links/sign.ts without internal members.
export { signUrl } from '../runtime/http/links/sign';
