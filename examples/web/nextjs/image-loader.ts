'use client';

import { type ClientConfig, loader } from 'cdk-thumbnails/client';
import config from './thumbnails.json';

// TypeScript widens the values of JSON files to strings.
export default loader(config as ClientConfig);
