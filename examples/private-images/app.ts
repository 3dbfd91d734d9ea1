import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Thumbnail, ThumbnailAccess, ThumbnailPipeline } from 'cdk-thumbnails';

const stack = new Stack(new App(), 'PrivatePhotos');

// Both props receive one access object. Therefore, reads and writes share one secret.
const links = ThumbnailAccess.signed();
const photos = new ThumbnailPipeline(stack, 'Thumbnails', {
  thumbnails: [Thumbnail.inside('small', 320), Thumbnail.inside('large', 1600)],
  api: { access: links, writeAccess: links },
});

new CfnOutput(stack, 'SigningKeys', {
  value: photos.signingKeys!.secretName,
  description: 'Name of the secret with the signing keys',
});
