import { defineProvider } from '@nuxt/image/runtime';
import { type ClientConfig, nuxtProvider } from 'cdk-thumbnails/client';
import config from '../thumbnails.json';

// The assertion is necessary, because TypeScript infers the type `string` for the format names in a JSON file.
export default defineProvider(nuxtProvider(config as ClientConfig));
