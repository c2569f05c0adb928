-- One row a flight: what is known before departure, and whether it arrived more than a quarter of an hour late.
-- Hour and weekday are text, so that each is a category of its own to the model.
SELECT
  CAST(month(date) AS INTEGER) AS month,
  strftime(date, '%H') AS hour,
  dayname(date) AS weekday,
  CAST(distance AS INTEGER) AS distance,
  origin,
  destination,
  delay > 15 AS late
FROM flights
WHERE delay IS NOT NULL
