import type { NextConfig } from 'next';

const config: NextConfig = {
  images: { loader: 'custom', loaderFile: './image-loader.ts' },
  // The lockfile of the repository is not the root of this app.
  turbopack: { root: __dirname },
};
export default config;
