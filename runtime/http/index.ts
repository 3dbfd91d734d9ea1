export { handleGatewayEvent, MAX_LAMBDA_RESPONSE_BYTES } from './api-gateway';
export { imageUrl, thumbnailUrl, versionOf } from './api-urls';
export { createHttpApi } from './http-api';
export type {
  HttpApiEnvironment,
  HttpApiOptions,
  OversizeThumbnail,
  ResponseReport,
  StoredThumbnailOptions,
  UploadForm,
  UploadPolicy,
  WritingOptions,
} from './http-api-options';
export { equalInConstantTime } from './links/access';
export { CdnLinks } from './links/cdn-links';
export { Links } from './links/links';
export { signUrl, type SigningKey, type SignOptions } from './links/sign';
export { fixedKeys, parseSigningKeys, refreshedKeys, type SigningKeySource } from './links/signing-keys';
export { identifying } from './middleware';
export { Problem, problemResponse, type ProblemDocument } from './problems/problem';
export { problemOf } from './problems/problem-of';
export { readBody } from './request-body';
export { decodeKey, pathOf } from './request-keys';
