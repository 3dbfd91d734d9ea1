// Entry point cdk-thumbnails/client, for browsers and web frameworks.
export { type ClientConfig, type ClientRule, type ClientThumbnail, type ImageFormat, thumbnailsOf } from './config';
export { getImage, type ImageManifest } from './get-image';
export { loader, type LoaderOptions, type LoaderRequest, nuxtProvider, unpicTransformer } from './loader';
export { pictureAttributes, type PictureAttributes, type PictureOptions, type ReadyImage } from './picture';
export { placeholderUrl } from './placeholder';
export { type RequestOptions, ResponseError } from './requests';
export { upload, type Uploaded, type UploadOptions } from './upload';
export { imageUrl, thumbnailUrl, type ThumbnailUrlOptions } from './urls';
