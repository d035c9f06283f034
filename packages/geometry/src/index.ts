export * from "./crs/crs.ts"
export * from "./encoder.ts"
export * from "./positions.ts"
export * from "./shape.ts"
