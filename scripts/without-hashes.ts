/** A template without what changes when code does, and its shape does not. */
export function withoutHashes(template: unknown): unknown {
  return JSON.parse(
    JSON.stringify(template, (key, value: unknown) => {
      if (key === 'S3Key' && typeof value === 'string') {
        return value.replace(/[0-9a-f]{64}/, '<hash>');
      }
      if (key === 'ZipFile') {
        return '<code of the CDK>';
      }
      // The tag of an image.
      return typeof value === 'string' ? value.replace(/:[0-9a-f]{64}$/, ':<hash>') : value;
    }),
  );
}
