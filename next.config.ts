import type { NextConfig } from "next";
import createNextIntlPlugin from "next-intl/plugin";

const config: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  // The development badge sits on top of the dock.
  devIndicators: false,
  experimental: { optimizePackageImports: ["lucide-react"] },
};

export default createNextIntlPlugin("./lib/i18n/request.ts")(config);
