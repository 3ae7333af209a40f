import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { locale, maybeText } from './text/text'

/** The page around the application takes its words from the catalogue, too. */
function fillPage(html: string): string {
  return html
    .replace('lang="en"', `lang="${locale}"`)
    .replace(/\{\{([\w.]+)\}\}/g, (_, key: string) => {
      const text = maybeText(key)
      if (text === undefined) throw new Error(`index.html: no text ${key}`)
      return text
    })
}

/**
 * Builds the explorer to `dist/explorer` (index.html and hashed files under `assets/`).
 *
 * Nothing is inlined and no polyfill is injected, so that the page runs under
 * `script-src 'self'; style-src 'self'`. `EXPLORER_API` is the service that the development
 * server (`vite --config …`) hands API requests to.
 */
export default defineConfig({
  root: __dirname,
  base: '/',
  // documents.json: every GraphQL document that the pages send, for TRUSTED_DOCUMENTS.
  publicDir: 'public',
  plugins: [react(), { name: 'catalogue', transformIndexHtml: fillPage }],
  build: {
    outDir: '../../dist/explorer',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    reportCompressedSize: true,
  },
  server: {
    proxy: Object.fromEntries(
      ['/graphql', '/crl', '/status', '/responder.pem'].map((path) => [
        path,
        process.env['EXPLORER_API'] ?? 'http://127.0.0.1:4350',
      ]),
    ),
  },
})
