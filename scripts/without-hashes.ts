/** Returns a template without asset hashes, which change whenever code changes. */
export function withoutHashes(template: unknown): unknown {
  return JSON.parse(
    JSON.stringify(template, (key, value: unknown) => {
      if (key === 'S3Key' && typeof value === 'string') {
        return value.replace(/[0-9a-f]{64}/, '<hash>');
      }
      if (key === 'ZipFile') {
        return '<inline code>';
      }
      // The reference to a container image ends with a hash.
      return typeof value === 'string' ? value.replace(/:[0-9a-f]{64}$/, ':<hash>') : value;
    }),
  );
}
