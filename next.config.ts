import type { NextConfig } from "next";
import createNextIntlPlugin from "next-intl/plugin";

const config: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  // `npm run types` checks everything once; a first start need not wait for it, nor for the tests' types.
  typescript: { ignoreBuildErrors: true },
  // The development badge sits on top of the dock.
  devIndicators: false,
  experimental: { optimizePackageImports: ["lucide-react"] },
};

export default createNextIntlPlugin("./lib/i18n/request.ts")(config);
