import { defineProvider } from '@nuxt/image/runtime';
import { type ClientConfig, nuxtProvider } from 'cdk-thumbnails/client';
import config from '../thumbnails.json';

// TypeScript widens the values of JSON files to strings.
export default defineProvider(nuxtProvider(config as ClientConfig));
