// Entry point cdk-thumbnails/client, for browsers and web frameworks. Uploads and placeholders have separate entry points.
// Therefore, applications load only the code that they use.
export { type ClientConfig, type ClientRule, type ClientThumbnail, type ImageFormat, thumbnailsOf } from './config';
export { getImage, type ImageManifest } from './get-image';
export { loader, type LoaderOptions, type LoaderRequest, nuxtProvider, unpicTransformer } from './loader';
export { pictureAttributes, type PictureAttributes, type PictureOptions, type ReadyImage } from './picture';
export { type RequestOptions, ResponseError } from './requests';
export { imageUrl, thumbnailUrl, type ThumbnailUrlOptions } from './urls';
