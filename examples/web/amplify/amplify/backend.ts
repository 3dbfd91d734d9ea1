import { defineBackend } from '@aws-amplify/backend';
import { ThumbnailAccess, ThumbnailPipeline, ThumbnailTrigger } from 'cdk-thumbnails';
import { storage } from './storage/resource.js';

const backend = defineBackend({ storage });
const { bucket, cfnResources } = backend.storage.resources;

// The trigger requires events of the bucket in EventBridge.
cfnResources.cfnBucket.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };

const photos = new ThumbnailPipeline(backend.createStack('thumbnails'), 'Photos', {
  sourceBucket: bucket,
  sourcePrefix: 'photos/',
  trigger: ThumbnailTrigger.eventBridge(),
  api: { access: ThumbnailAccess.publicRead() },
});
photos.addDistribution();
backend.addOutput({ custom: { thumbnails: photos.clientConfig } });
