import { defineNuxtConfig } from 'nuxt/config';

export default defineNuxtConfig({
  compatibilityDate: '2026-11-01',
  telemetry: false,
  modules: ['@nuxt/image'],
  image: {
    provider: 'thumbnails',
    providers: { thumbnails: { name: 'thumbnails', provider: './providers/thumbnails.ts' } },
  },
});
