export function buildLater(options?: {
  minify?: boolean;
}): Promise<{ code: string; asked: string[] }>;
