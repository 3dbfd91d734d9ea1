export { answerGatewayEvent, MAX_LAMBDA_BODY_BYTES } from './api-gateway';
export { createApp } from './app';
export { FormUploads } from './form-uploads';
export { decodeKey, imageUrl, pathOf, thumbnailUrl } from './keys';
export { Links } from './links';
export type { ImagePipeline } from './make';
export { openApiDocument } from './openapi';
export type {
  AnswerReport,
  AppEnvironment,
  AppOptions,
  Oversize,
  UploadForm,
  UploadPolicy,
  WritingOptions,
} from './options';
export { Problem, problemResponse, type ProblemCode, type ProblemDocument } from './problem';
export { problemOf } from './problem-of';
export { isSameText } from './same-text';
export { signUrl, type SigningKey, type SignOptions } from './sign';
export { fixedKeys, parseSigningKeys, refreshedKeys, type SigningKeySource } from './signing-keys';
