-- Run once by the image of PostgreSQL, when its volume is new: the site works as a role that owns its database and nothing else.
\getenv password SITE_DATABASE_PASSWORD
CREATE ROLE arena LOGIN PASSWORD :'password';
CREATE DATABASE arena OWNER arena;
