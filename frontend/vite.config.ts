import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

const server = process.env.JFA_DEV_SERVER ?? 'http://127.0.0.1:8000';

export default defineConfig(({ command }) => ({
  // The Django server serves the bundle as static files; the development server serves it from the root.
  base: command === 'build' ? '/static/' : '/',
  plugins: [svelte()],
  build: { target: 'es2022', assetsInlineLimit: 0, sourcemap: false },
  server: {
    proxy: {
      '/api': { target: server, changeOrigin: false },
      '/sign-in': { target: server, changeOrigin: false },
      '/static': { target: server, changeOrigin: false },
    },
  },
}));
