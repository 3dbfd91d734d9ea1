import type { NextConfig } from 'next';

const config: NextConfig = {
  images: { loader: 'custom', loaderFile: './image-loader.ts' },
  // Without this setting, Next.js uses the folder of the repository's lockfile as the root of this app.
  turbopack: { root: __dirname },
};
export default config;
