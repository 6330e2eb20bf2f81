import { defineConfig, type Plugin } from "vite";

const here = (path: string) => decodeURIComponent(new URL(path, import.meta.url).pathname);

/** The component library writes its rules through one module; ours writes them where the strict policy of the page allows it. */
function strictStyles(): Plugin {
  return {
    name: "strict-styles",
    enforce: "pre",
    async resolveId(source, importer) {
      if (!importer || !/dynamicCSS(\.js)?$/.test(source)) return null;
      const found = await this.resolve(source, importer, { skipSelf: true });
      return found && /@rc-component[\\/]util[\\/]/.test(found.id) ? here("./src/parts/sheets.ts") : null;
    },
  };
}

export default defineConfig({
  plugins: [strictStyles()],
  resolve: { alias: { "@": here("./src") } },
  build: {
    outDir: here("../gateway/static"),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
    rolldownOptions: {
      // "use client" means nothing here, and is said once per component of the library
      onLog: (level, log, tell) => log.code !== "MODULE_LEVEL_DIRECTIVE" && tell(level, log),
    },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8080", "/v1": "http://127.0.0.1:8080" } },
});
