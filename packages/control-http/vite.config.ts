import { defineConfig } from 'vite';

// The dashboard: one page, its script and its styles, named by their content. Served by `src/dashboard-files.ts`.
export default defineConfig({
  root: 'dashboard',
  base: './',
  publicDir: false,
  build: {
    outDir: '../dist/dashboard',
    emptyOutDir: true,
    target: 'es2022',
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    modulePreload: false,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
});
