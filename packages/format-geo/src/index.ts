export { geopackage } from "./geopackage/geopackage.ts"
export { shapefile } from "./shapefile/shapefile.ts"
