import { App, Stack } from 'aws-cdk-lib';
import { ThumbnailPipeline } from 'cdk-thumbnails';

const stack = new Stack(new App(), 'Photos');
new ThumbnailPipeline(stack, 'Thumbnails');
