import type { NextConfig } from "next";
import createNextIntlPlugin from "next-intl/plugin";

const config: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  // `npm run types` checks everything once; a first start need not wait for it, nor for the tests' types.
  typescript: { ignoreBuildErrors: true },
  // The development badge sits on top of the dock.
  devIndicators: false,
};

export default createNextIntlPlugin({
  requestConfig: "./lib/i18n/request.ts",
  // Compiled at build time, so that no page carries a parser for them.
  experimental: {
    messages: { path: "./lib/i18n/messages", format: "json", locales: "infer", precompile: true },
  },
})(config);
