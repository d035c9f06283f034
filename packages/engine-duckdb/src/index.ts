export * from "./engine.ts"
export * from "./export.ts"
export * from "./database/database.ts"
export * from "./database/sql.ts"
