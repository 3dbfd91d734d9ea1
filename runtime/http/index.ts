export { answerGatewayEvent, MAX_LAMBDA_RESPONSE_BYTES } from './api-gateway';
export { createHttpApi } from './http-api';
export { FormUploads } from './uploads/form-uploads';
export { decodeKey, imageUrl, pathOf, thumbnailUrl } from './keys';
export { Links } from './links/links';
export { openApiDocument } from './openapi';
export type {
  ResponseReport,
  HttpApiEnvironment,
  HttpApiOptions,
  Oversize,
  UploadForm,
  UploadPolicy,
  WritingOptions,
} from './http-api-options';
export { Problem, problemResponse, type ProblemDocument } from './problems/problem';
export { problemOf } from './problems/problem-of';
export { equalInConstantTime } from './links/same-text';
export { signUrl, type SigningKey, type SignOptions } from './links/sign';
export { fixedKeys, parseSigningKeys, refreshedKeys, type SigningKeySource } from './links/signing-keys';
