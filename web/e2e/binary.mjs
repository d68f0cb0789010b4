export const ROOT = new URL("../..", import.meta.url).pathname;
export const BINARY = ROOT + "bin/deskwire";
