/**
 * The files of GTFS Schedule and their columns by type, after the reference at gtfs.org (revision of 2025).
 * - Ids, names, languages, colours, urls: text, so that `007` stays `007`.
 * - Times are text: `25:10:00` is 1:10 the day after the service day began, which no time of day is.
 * - Enumerations and counts: bigint. Coordinates, distances: double. Amounts of money: decimal.
 */
import type { ColumnType } from "@opendatahub-sql/core"

/** Column names by type, separated by blanks. */
export type Columns = { readonly [type in ColumnType]?: string }

/** By file name without `.txt`. */
export const files: Readonly<Record<string, Columns>> = {
  agency: {
    text: "agency_id agency_name agency_url agency_timezone agency_lang agency_phone agency_fare_url agency_email",
    bigint: "cemv_support",
  },
  stops: {
    text: "stop_id stop_code stop_name tts_stop_name stop_desc zone_id stop_url parent_station stop_timezone level_id platform_code",
    double: "stop_lat stop_lon",
    bigint: "location_type wheelchair_boarding stop_access",
  },
  routes: {
    text: "route_id agency_id route_short_name route_long_name route_desc route_url route_color route_text_color network_id",
    bigint: "route_type route_sort_order continuous_pickup continuous_drop_off cemv_support",
  },
  trips: {
    text: "route_id service_id trip_id trip_headsign trip_short_name block_id shape_id",
    bigint: "direction_id wheelchair_accessible bikes_allowed cars_allowed",
    double: "safe_duration_factor safe_duration_offset",
  },
  stop_times: {
    text: "trip_id arrival_time departure_time stop_id location_group_id location_id stop_headsign start_pickup_drop_off_window end_pickup_drop_off_window pickup_booking_rule_id drop_off_booking_rule_id",
    bigint: "stop_sequence pickup_type drop_off_type continuous_pickup continuous_drop_off timepoint",
    double: "shape_dist_traveled",
  },
  calendar: {
    text: "service_id",
    bigint: "monday tuesday wednesday thursday friday saturday sunday",
    date: "start_date end_date",
  },
  calendar_dates: { text: "service_id", date: "date", bigint: "exception_type" },
  fare_attributes: {
    text: "fare_id currency_type agency_id",
    "decimal(18,4)": "price",
    bigint: "payment_method transfers transfer_duration",
  },
  fare_rules: { text: "fare_id route_id origin_id destination_id contains_id" },
  timeframes: { text: "timeframe_group_id start_time end_time service_id" },
  rider_categories: {
    text: "rider_category_id rider_category_name eligibility_url",
    bigint: "is_default_fare_category",
  },
  fare_media: { text: "fare_media_id fare_media_name", bigint: "fare_media_type" },
  fare_products: {
    text: "fare_product_id fare_product_name rider_category_id fare_media_id currency",
    "decimal(18,4)": "amount",
  },
  fare_leg_rules: {
    text: "leg_group_id network_id from_area_id to_area_id from_timeframe_group_id to_timeframe_group_id fare_product_id",
    bigint: "rule_priority",
  },
  fare_leg_join_rules: { text: "from_network_id to_network_id from_stop_id to_stop_id" },
  fare_transfer_rules: {
    text: "from_leg_group_id to_leg_group_id fare_product_id",
    bigint: "transfer_count duration_limit duration_limit_type fare_transfer_type",
  },
  areas: { text: "area_id area_name" },
  stop_areas: { text: "area_id stop_id" },
  networks: { text: "network_id network_name" },
  route_networks: { text: "network_id route_id" },
  shapes: { text: "shape_id", double: "shape_pt_lat shape_pt_lon shape_dist_traveled", bigint: "shape_pt_sequence" },
  frequencies: { text: "trip_id start_time end_time", bigint: "headway_secs exact_times" },
  transfers: {
    text: "from_stop_id to_stop_id from_route_id to_route_id from_trip_id to_trip_id",
    bigint: "transfer_type min_transfer_time",
  },
  pathways: {
    text: "pathway_id from_stop_id to_stop_id signposted_as reversed_signposted_as",
    bigint: "pathway_mode is_bidirectional traversal_time stair_count",
    double: "length max_slope min_width",
  },
  levels: { text: "level_id level_name", double: "level_index" },
  location_groups: { text: "location_group_id location_group_name" },
  location_group_stops: { text: "location_group_id stop_id" },
  booking_rules: {
    text: "booking_rule_id prior_notice_last_time prior_notice_start_time prior_notice_service_id message pickup_message drop_off_message phone_number info_url booking_url",
    bigint:
      "booking_type prior_notice_duration_min prior_notice_duration_max prior_notice_last_day prior_notice_start_day",
  },
  translations: { text: "table_name field_name language translation record_id record_sub_id field_value" },
  feed_info: {
    text: "feed_publisher_name feed_publisher_url feed_lang default_lang feed_version feed_contact_email feed_contact_url",
    date: "feed_start_date feed_end_date",
  },
  attributions: {
    text: "attribution_id agency_id route_id trip_id organization_name attribution_url attribution_email attribution_phone",
    bigint: "is_producer is_operator is_authority",
  },
}
