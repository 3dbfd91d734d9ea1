export { answerGatewayEvent, MAX_LAMBDA_BODY_BYTES } from './api-gateway';
export { createApp } from './app';
export { decodeKey, imageUrl, pathOf, thumbnailUrl } from './keys';
export type { ImagePipeline } from './make';
export type { AnswerReport, AppEnvironment, AppOptions } from './options';
export { Problem, problemResponse, type ProblemCode, type ProblemDocument } from './problem';
export { problemOf } from './problem-of';
