import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // The contrast of the canvas is computed from the tokens themselves.
    css: { include: /theme\.css/ },
    include: ['src/**/*.test.ts', 'benchmarks/**/*.test.ts'],
    environment: 'node',
  },
});
