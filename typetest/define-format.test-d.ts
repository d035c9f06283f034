import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { type Configured, defineFormat, type Format } from "@opendatahub-sql/core"
import { describe, expectTypeOf, it } from "vitest"

const format = <S extends Parameters<typeof defineFormat>[0]["config"]>(config: S) =>
  defineFormat({ id: "lines", apiVersion: 1, fingerprint: 1, config, detects: () => 0, read: () => Stream.empty })

const options = Schema.toStandardSchemaV1(Schema.Struct({}))
const optional = format(Schema.toStandardSchemaV1(Schema.Struct({ separator: Schema.optionalKey(Schema.String) })))
const required = format(Schema.toStandardSchemaV1(Schema.Struct({ separator: Schema.String })))

describe("defineFormat", () => {
  it("gives a configured format", () => {
    expectTypeOf(optional({ separator: ";" })).toEqualTypeOf<Configured<Format>>()
  })

  it("asks for no options when every one has a default", () => {
    expectTypeOf(optional).toBeCallableWith()
    expectTypeOf(optional).parameter(0).toEqualTypeOf<{ readonly separator?: string } | undefined>()
  })

  it("asks for the options that have none", () => {
    // @ts-expect-error the separator is missing
    required()
    // @ts-expect-error the separator is no number
    required({ separator: 1 })
  })

  it("hands the decoded options to the author", () => {
    defineFormat({
      id: "counted",
      apiVersion: 1,
      fingerprint: 1,
      config: Schema.toStandardSchemaV1(Schema.Struct({ width: Schema.NumberFromString })),
      detects: (_probe, options) => {
        expectTypeOf(options).toEqualTypeOf<{ readonly width: number }>()
        return 0
      },
      read: () => Stream.empty,
    })
  })

  it("refuses a plugin of another interface version", () => {
    defineFormat({
      id: "x",
      // @ts-expect-error this core speaks version 1
      apiVersion: 2,
      fingerprint: 1,
      config: options,
      detects: () => 0,
      read: () => Stream.empty,
    })
  })
})
