-- One row a flight: what is known before departure, and whether it arrived more than a quarter of an hour late.
SELECT
  CAST(month(date) AS INTEGER) AS month,
  CAST(hour(date) AS INTEGER) AS hour,
  dayname(date) AS weekday,
  CAST(distance AS INTEGER) AS distance,
  origin,
  destination,
  delay > 15 AS late
FROM flights
WHERE delay IS NOT NULL
