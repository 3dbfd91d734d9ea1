'use client';

import { type ClientConfig, loader } from 'cdk-thumbnails/client';
import config from './thumbnails.json';

// The assertion is necessary, because TypeScript infers the type `string` for the format names in a JSON file.
export default loader(config as ClientConfig);
