SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE SCHEMA raw;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE raw._dlt_loads (
    load_id character varying(64) NOT NULL,
    schema_name character varying,
    status bigint NOT NULL,
    inserted_at timestamp with time zone NOT NULL,
    schema_version_hash character varying
);
CREATE TABLE raw._dlt_pipeline_state (
    version bigint NOT NULL,
    engine_version bigint NOT NULL,
    pipeline_name character varying NOT NULL,
    state character varying NOT NULL,
    created_at timestamp with time zone NOT NULL,
    version_hash character varying,
    _dlt_load_id character varying(64) NOT NULL,
    _dlt_id character varying NOT NULL
);
CREATE TABLE raw._dlt_version (
    version bigint NOT NULL,
    engine_version bigint NOT NULL,
    inserted_at timestamp with time zone NOT NULL,
    schema_name character varying NOT NULL,
    version_hash character varying NOT NULL,
    schema character varying NOT NULL
);
CREATE TABLE raw.appointment (
    "AptNum" bigint NOT NULL,
    "AptStatus" character varying(4),
    "Note" text,
    "DateTStamp" timestamp(0) without time zone,
    _loaded_at timestamp with time zone
);
CREATE TABLE raw.claim (
    "ClaimNum" bigint NOT NULL,
    "Fee" double precision,
    "DateService" date,
    "SecEdit" timestamp(0) without time zone,
    "DateTStamp" timestamp(0) without time zone,
    _loaded_at timestamp with time zone
);
CREATE TABLE raw.definition (
    "DefNum" integer NOT NULL,
    "ItemName" character varying(50),
    _loaded_at timestamp with time zone
);
CREATE TABLE raw.document (
    "DocNum" bigint NOT NULL,
    "FileName" character varying(50),
    "DateTStamp" timestamp(0) without time zone,
    _loaded_at timestamp with time zone,
    _deleted_at timestamp with time zone
);
CREATE TABLE raw.etl_fence (
    id smallint NOT NULL,
    run_token text NOT NULL,
    lock_name text NOT NULL,
    session_id integer NOT NULL,
    locked_at timestamp with time zone NOT NULL
);
CREATE TABLE raw.etl_load_status (
    table_name character varying(64) NOT NULL,
    last_primary_value character varying(255),
    primary_column_name character varying(64),
    rows_loaded bigint,
    load_status character varying(16) NOT NULL,
    last_loaded_at timestamp without time zone,
    strategy_used character varying(32),
    duration_seconds double precision,
    error text,
    _created_at timestamp without time zone NOT NULL,
    _updated_at timestamp without time zone NOT NULL
);
CREATE TABLE raw.etl_runs (
    run_id character varying(64) NOT NULL,
    environment character varying(16) NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone NOT NULL,
    tables_succeeded integer NOT NULL,
    tables_failed integer NOT NULL,
    rows_copied bigint NOT NULL,
    rows_loaded bigint NOT NULL
);
CREATE TABLE raw.etl_table_runs (
    run_id character varying(64) NOT NULL,
    table_name character varying(64) NOT NULL,
    hop character varying(16) NOT NULL,
    started_at timestamp with time zone NOT NULL,
    status character varying(16) NOT NULL,
    strategy_used character varying(32),
    reason text,
    rows bigint,
    deleted bigint,
    missing bigint,
    changed bigint,
    extra bigint,
    rows_proved_at timestamp with time zone,
    keys_proved_at timestamp with time zone,
    seconds double precision,
    error text
);
CREATE TABLE raw.fee (
    "FeeNum" bigint NOT NULL,
    "Amount" numeric(12,3),
    "Memo" text,
    _loaded_at timestamp with time zone
);
CREATE TABLE raw.patient (
    "PatNum" bigint NOT NULL,
    "LName" character varying(100),
    "Birthdate" date,
    "Photo" bytea,
    "DateTStamp" timestamp(0) without time zone,
    _loaded_at timestamp with time zone
);
CREATE TABLE raw.preference (
    "PrefName" character varying(50) NOT NULL,
    "ValueString" text,
    _loaded_at timestamp with time zone
);
CREATE TABLE raw.queue (
    "Message" character varying(50),
    "Tries" integer,
    _loaded_at timestamp with time zone
);
CREATE TABLE raw.rate (
    "RateNum" bigint NOT NULL,
    "Amount" double precision,
    _loaded_at timestamp with time zone
);
CREATE TABLE raw.securitylog (
    "LogNum" bigint NOT NULL,
    "LogText" character varying(50),
    "DateTStamp" timestamp(0) without time zone,
    _loaded_at timestamp with time zone,
    "CompNum" integer
);
CREATE TABLE raw.tooth (
    "PatNum" integer NOT NULL,
    "Tooth" integer NOT NULL,
    "Note" character varying(20),
    _loaded_at timestamp with time zone
);
CREATE TABLE raw.userod (
    "UserNum" bigint NOT NULL,
    "UserName" character varying(50),
    "SSN" character varying(64),
    _loaded_at timestamp with time zone
);
CREATE TABLE raw.zipcode (
    "Code" character varying(10),
    "City" character varying(50),
    _loaded_at timestamp with time zone
);
INSERT INTO raw._dlt_loads VALUES ('1795757825.2402077', 'opendental', 0, '2026-11-27 05:37:05.582436+00', 'BUpFb7fukq1mqBY+8SXwOzPulrfsWzmsF6lcrBPI2Mo=');
INSERT INTO raw._dlt_loads VALUES ('1795757825.6785192', 'opendental', 0, '2026-11-27 05:37:05.965083+00', 'vtrwfZWKhFP4ukqlMMQPkq7BS4iKZGdaIJ3juJQjbyU=');
INSERT INTO raw._dlt_loads VALUES ('1795757826.171705', 'opendental', 0, '2026-11-27 05:37:06.379484+00', 'vtrwfZWKhFP4ukqlMMQPkq7BS4iKZGdaIJ3juJQjbyU=');
INSERT INTO raw._dlt_loads VALUES ('1795757826.4058352', 'opendental', 0, '2026-11-27 05:37:06.544133+00', 'vtrwfZWKhFP4ukqlMMQPkq7BS4iKZGdaIJ3juJQjbyU=');
INSERT INTO raw._dlt_loads VALUES ('1795757826.6327574', 'opendental', 0, '2026-11-27 05:37:06.918625+00', 'OK4zP8+xOwi+ngTX4n5z1MACxkCWAdDvk7mFA5wA5/0=');
INSERT INTO raw._dlt_loads VALUES ('1795757828.0998673', 'opendental', 0, '2026-11-27 05:37:08.410192+00', 'NutcUelEYxNQTa7h9M14Q7OugWSF987HoT1Ood+DcIk=');
INSERT INTO raw._dlt_loads VALUES ('1795757828.5319698', 'opendental', 0, '2026-11-27 05:37:08.785531+00', 'g6vkKzbn5O7Z7kOzwOa+fl4VmmIuq/FqDXlacWSGxXU=');
INSERT INTO raw._dlt_pipeline_state VALUES (1, 4, 'opendental', 'eNrdVNtq20AQ/RWhFztEcVfyXdCHhOKW0ho3TetCKWItja0le2O1a8eE/ntHUkREcd3UfbNAtzlnZmfmzO6jnxSWWki2YAqmpB+HQWMCuWGyhQwCXzMNvDRKKsCPfaVBZiAt5X7gF2kOglZQ4cff2+CPwM+opQXYxtPQHbpksKaO26Tl+nvUDArLJLWYQmL3usRbpqKHgXpNsGdmHUk6zrGcpwqSnBY5us8up5svw/cPb6f5q090YgfpfjK7Ie8Wy4fl7VJkxddNxsS3oZyr12VZypm0rOixnRj+GWhBa4DytcPGGUHNfWVMDGjOUrRlCbW4dESi0VUYXkVjjwzj/jgmwx4ZjMJh5P8M/FQJzeEA+a4hXxISE4JJGaBHQoaDKArHSHNyzSQrcsiaZmijtkxuml+jdkVS2uAl4e5h/w/sVHEnZDUKM4C5E96K4URZTyq8cXnkXAvl0JJBygTl3TAK+hcN9hGE8iw8WM/Z9USs+skGJBjKk5RVnAqs0/LqFcpBS7E3TQ/rIp3OjkpQ9l7j3KCyp2o46Y/J6Lw1XFB7WMMPc9xs3paaNKemGxJycVCwZ4cbZmxeSuJVjxayyJVV3oqrVWN5g4y7z5YK7VmGB0v11fIota8zO117qrXCmsR/6D+YRlH/vPW/1n/QHwEUyLrCA+lEt4OnfCfoZEpC52+TMFeo/7Et/sIJqHM7fQIMMk6UHuedTCfnLf0ttuD4+a3cikNbkSeXUyUpr1+0MaP9', '2026-11-27 05:37:05.298633+00', 'F+9gU5JxG9h/Qa8t4cy8FB0HPWxWRWmdsVgdimX5nNo=', '1795757825.2402077', 'y8X3e8mDaH3slg');
INSERT INTO raw._dlt_pipeline_state VALUES (2, 4, 'opendental', 'eNrdlFlv00AQgP+K5Zekwk3Wdk5LPBRVfYFGbRqBACFrY0/iJXtpvU5aVfx3xnZNLRQCWDygWvI1187MN7uPbpxbaiHeg8mZkm4UeI0I5JbJlmbkuZpp4KVQUgFu5CoNMgVpKXc9N08yELRS5W70ua384rkptTQH23gaekCXFDa04DZuuf4cNYXcMkktphDbB13qW6J8gIEGTbBnyzqSLDjHcp4qiDOaZ+i+DLfb99cflZpll+v00604JEs2vh1uhuFXerWbJm9XdzPyAB+Go9dlWaowSVnRYzsx/DPQUm0AytcBG2cENbtKGBvQnCUoS2NqcemABJNz3z8Ppg4ZR+E0IuNBOB75s4n7zXMTJTSHI8arxvgVIREhmJQBeiLkJJgH4RTNCrlhkuUZpE0ztFF7JrfNr1GHPC5lpzL0R0Hgl+F28PAX1onihZDVKFwBLArhrBlOlHWkwhuXR5sLoQqUpJAwQXnfD7zwrNFdg1COhXvrFHYzE+sw3oIEQ3mcsMqmUtZpOfUK5aAl2Jumh3WRhU5PIih7r3FukGxnhmE4mb5shjfUHmf4boGbzdlTk2TU9H1Czo4Ce3Z4w4zNSiRO9WhpbjJllbPmat1ILtFidWep0I5leLBUXy2Pkn2dWXf2VGuFNYnu/MloHgThP+X/A8H/wv9C/4I/KhCQLXIHZCH6PTzle14vVRJ6v5uEhUL+p7b4H05AnVv3CTBo0RE9zjuZz142+iW24PT5rYo1hzaRJ5euSMrrO60eo/8=', '2026-11-27 05:37:05.731732+00', 'R3ggVMYoo8hDbdZQmwcRi5Q/f/3jaFk7cKTS80yeW/4=', '1795757825.6785192', 'eZavgaIw2MZ7NA');
INSERT INTO raw._dlt_pipeline_state VALUES (3, 4, 'opendental', 'eNrdVW1r2zAQ/ivGX9IyN8gvTdzAPnSUroW1hLQdG2MYxb7Eai3JyFKyrOy/72THqRlZ1oWNvQQSO3fPSffccyc9ukmlqYZkAapiUrij0GtNIOZMdDyR55ashMIaBeXgjlxZgshAaFq4nlulOXBauyp39KHr/Oi5GdW0At1GKrrEkAxm1BQ66YR+u2oGlWaCakwh0avS+jumqo8L9dvFnpDNSsIUBdJZM0hyWuUYfk+5evv6Ijp/P3m3iu+nPl3djS9Opfk8oYuHy7PqLr1c3Mc35eTqpaUljUoto8duYvhPQcc1A7CPJRZOcaoeamOioCxYirYsoRq3DkgwOPL9o2DokONROByR4354HPnxwP3iuankZQFbwLct+AUhI0IwKQV0x5KD4CQIhwgzYsYEq3LIbDqVVpjKfIVRTKQK+EY5TdXOHOM4IidxB2l0uhU66BOfkGiAUDrDUtg+iIjVP2fz/Nk1We+HNVFyiaUMCFYnp2Juidh3WRgu6i47B7g23JkybFbtCIlfVB33P+XSoCWDlHFaHPiBFx62vivg0tHwSTtGz2I+DZM5CFC0SFJWY2onAh9g5TQ7WA5Ys03eTW+ZMtvJxFIolVwwMW9DLKPE2nYVwI+CwB82CfwE+t+qC44qduDeYxOGg+HvH5uGz5/RcEz1dg3fXOP55iyowqFQBzhxh1sFewp4xZTOrSRO/dPxjHOppTMt5LS1nCHi9kZTXjqa4Vlev3UirPZNZvtrT8tSIie+v/4kOgmC8Jfqv5Hgb9H/tPyO/uhAgbSpHBCGH/TwYu15vUwK6P2oE64l6r9rxJ/ZAU1u+3eAvYr2lB77fX07/L/ST7AEu89vaaYFdBVZh+wrif18BQXLEyE=', '2026-11-27 05:37:06.20181+00', 'jamrVGH4FYRXy8jb1ayUPHAouzRavkIDsUcIvj8SpRM=', '1795757826.171705', 'F9G3vAoT0fu/ug');
INSERT INTO raw._dlt_pipeline_state VALUES (4, 4, 'opendental', 'eNrVlFlv00AQgP+K5Ze0Io02dm6JhwKqhKBRIUUCIWRt1uN41b203s3Riv/O2KmpQW0IFg/Fkq+5dma+2b0Lk8JRB8kabMG1CmeDbi0CteLqV43hBkQpVFRCOAu1AZWCclSE3bBgOUhaqYpw9rWp/NYNU+poAa72tHSDLilk1AuXNFx/j5pC4biiDlNI3M6U+oao6GGgXh3swXIfSXkhsJz7CpKcFjm6eyYztjJ+ur1YZDtXXN6+5hcxi9SOvbOL1WfxJVuQ7frt4sOnl2VZ2ltWVnTXTAz/LDRUGUD52mDjrKT2phImFozgDGVpQh0uHZFodNbvn0XjgAxn8XhGhr3JZECmk/B7N2RaGgGPGF/fG49eEDIjBJOyQJ8MOeqRPiGDEZp5lXHFixzSuhnG6jVXq/rX6k2RlLJDGfYHUdQfY7gb2P2FNdPCS1WNwgXA3MtgyXGiXKA03rg82pxL7VGSAuOSipN+1I1Pa90lSB042LrAu2wil3GyAgWWioTxyqZS7tMK9iuUg8awN3UP90V6kx5EUPbe4Nwg2ZYM42Ecj8ZHMRwexXDYG0XTKB4/I4ZX1D3O8P0cN1uwppbl1J7g6J0+CuzB4RW3Li+RBNWjobnKtdPBUuhlLXmDFtcLR6UJHMeDpfpqeJTs95m1Z0+N0ViTbM+fDKZRFP9T/j8RPBf+5+YJ/qhAQM4XASgvTzp4yne6nVQr6PxpEuYa+R/a4kdOwD639hNg0aIlepz3Y4/v/xb9R2zB4fNb+6WAJpF7l7ZIyusHl+ml1A==', '2026-11-27 05:37:06.430501+00', 'ucmfcgpu9xFSfytsMzCiF3c2nycKrSgXlYfS0xvISQU=', '1795757826.4058352', 'EtJ4xp4IkGM3/g');
INSERT INTO raw._dlt_pipeline_state VALUES (5, 4, 'opendental', 'eNrdmFlv2zgQgP+KoJckqJvqsA4b2IdssgUCpEa6ThYFFoVAU2OLiERqKSppWux/36FkNVrXR8L0oZAAH5oZDofzkSNS3+ykUkRBcg+yYoLb02DUiYCvGO9pxiO7ZCXkWshJAfbUFiXwFLgiuT2yK5pBQRpVZU//7is/j+yUKFKB6lpK8oBNUliSOldJr+mm1xQqxThRGEKiHkut74mqU3R02jl7smw98TrPcTjrESQZqTJs7n1Si8swfWSz9+qS3n16V5yp2P9I4Cqktxcqz2/92/M385hnZ7/pYYlaUj2ib/3A8E5CT7UE0D8PmDhZEHnXCBMJZc4oytKEKN2144VvXfetF1lOMPWjqROcxvHYmcT2vyObiqLMYYvxzdo4fOM4U8fBoCSQnS7DU8d1nHGIZjVfMs6qDNIuGaUU94yvulspHqpEy/ZF6I49z43Q3R08vsCairwueDMV3gPM6sJaMJxRyuICP9g92pwVokZJCpQVJD92vZF/0uk+QCEsBV+UVatlXCz8ZAUcJMkTyhqbRtmGZbU96IlGMTddDttB1mW6F4HOfYnzBskaMgzHsRuMfyrDIPQnzuQXYnhN1HaGVzNcbNY9kTQj8hin3slWYE8NfmdSZRqJ1Xz1NNeZUMJa5GLRSS7Q4mauSFFaimFhaf71Wmj2bWTm7ElZChxTYc7fD5ww8obN/6zcwR8VCEjVlQW8Lo6PsMofjY5SweHo0EyYCeS/b4k/cwa0sZnPAIkWxujDKAqGjf5PTMH++i3qRQ59Iusm5kiUECozZOKEYTR2fl0mPXfPYNKz/rEcb/C40VnbFDarrKvP3o7yvFlOR1bjyxwgzQkrzAGGvjdsgOc6P9tXFW5mvi+pJ6kuhHOQ94z++OCcA/0jZaqR6yq52e5QAe2CMcedClq/4gnqTPDyh038QtAdvFkO/9tEBQf3UM+B2vb3CqSg86aaw58Z1Mh3vIHX4QtYbqnDlwqKFxJtiDXOzIlVQGvJ1GMuVqbIYj8Kg2EjuxKrHScZsbrRm9Gfuwzb7syh1hVIkZo/Sb1oPGyet5ig7UAbzcuW4Xw++24djk8sUlHGkgXjfaTrHl/xukHCEiRwCuZcXW/gXK8xSS+k9xfJa5gricEeOlc2W911D+Yg/6mhNmYYxRMvHjbDD1BVZHUY4fr4IhlU7bNUC4ypfGUlFakxl4nrueHATx+Ynt47u31QznFD8Sx+hrj09R+Tp1xD', '2026-11-27 05:37:06.675837+00', '2XtbI6dyiNFtIckX/mAt83QaeL6cUDtllU3UC+S8nhA=', '1795757826.6327574', 'p/Qq9ueAOB4AnA');
INSERT INTO raw._dlt_pipeline_state VALUES (6, 4, 'opendental', 'eNrdmG1v2zYQgP+KoC9JMNfQi/VmYB/qJgMGtEFQZ+2wYRBo6iyzkUSNIp04Rf/7TpLVaK7fwuZDYAOx47vj8XgP70T6qxlXkkiIlyAqxgtz7A86ERQpK3qa0cAsWQlZLSxIDubY5CUUCRSSZObArOgCctKoKnP8d1/5z8BMiCQVyG6kIPc4JIE5UZmMe0M3vSZQSVYQiSHEclXW+p6oGqKjYefsybL1VKgsw+WsVxAvSLXA4ZNpHkafJxO5+hOW7MvdQ3rlfpZfVj7/NHn8S36svFRFN48P5Cr9tV4WV4LWK/raDwy/Ceip5gD1xz0mTuRE3DXCWECZMYqyJCYSp3Ysx39j22+cwLC8sRuMLW8YhiMrCs1vA5PyvMxgi/Ht2tj/xbLGloVBCSA7XfpDy7askY9mqpizglULSLpklIIvWZF2XwW/r+Jati9Ce+Q4doDu7mD1DGvKM5UXzVb4DeBa5caM4Y6SRsHxD6dHm7c5VyhJgLKcZOe2M3AvOt0HyLkh4UEaSs7DfObGKRQgSBZT1tg0yjYso52h3mgUc9PlsF2kKpO9COrcl7hvkKwWw2AYBpFnjY5iGB7FMBhGtu/6r4nhDZHbGb6/xmIzlkTQBRHnuPUutgJ7GjBhQi5qJEbz1tPcLLjkxizjs05yiRa3U0ny0pAMG0vzX29Ezb6NTIt9UDMjZclxTbkuf2/oepYfOC9aw57vRlb0ivi/LXfwRwUCkqoyoFD5+Rl2+bPBWcILODu0E6458t9X4kfugDY2/eoXaKGN3g8C77TRf8QU7O/fXM0y6BNZD9FHIjmXC00mlu8HI+v1Mum5O4JJz/rHdrzB47bO2qawqbKuPzs72vNmOx0YjS99gDQjLNcH6LvOaQN8V+dne1XhYeZ7ST1J60Y4BbFk9McH5xToVcJkI6+75Oa4Qw20C0Yfd8Kpyn/iBBVanhe93hPUSxC/5HQHb5bB/w5R3sEz1DFQ2/n0z0V4O8O8yebyp1fGgWs5J96HL2G+pQ//LiF/JtGGWONMvwgroEowucp4qossdAPfO21k73m64ybD09v6MPqyZdhOpw9VVSB4ov8kdYLRafP8AxO0HWijeV4ZTqfX36390YVBKspYPGNFH+l6xp/4uUHAHAQUFPS52s6Jc73BJD2T3ieSKZhKgcEeulc2R931DPog/1WgtBkGYeSEp83wA1QVSQ8jXF9fBIOqfZbWAm0qj6ykPNHmEtmO7Z/47QPT0/vNbh+Ud3igOIqfJq769R8zn12/', '2026-11-27 05:37:08.151003+00', 'BSm89WBBtyXevijkxgE3Wtjy6oVBzZtRs5gu9PzxaEg=', '1795757828.0998673', 'lssarz3XVnvOsw');
INSERT INTO raw._dlt_pipeline_state VALUES (7, 4, 'opendental', 'eNrdmG1v2zYQgP+KoC9JMNfV+4uBfmjSbW2XGu3sDS2GQaCps01UIlWSSuoW++8lJavRXDt22HwwHCBxfHc8Hu/hHSl9tTMhkYTsBrggjNqjeNCJgC4I7WmCgV2RCgotpKgEe2SzCmgOVKLCHtgCL6FEjUrYo3/6yn8Hdo4kEiC7kRzdqiE5zFFdyKw3dNNrDkISiqQKIZOrSut7IjFUjoadszvL1hOti0ItZ72CbInEUg1/P829l5cw+z13P4f4tai+EHj3h0vT6xKtnn6Ql5+CqFoFL8fo1TO9LFZzrFf0tR+Y+sahp5oD6I9blTheIv6xEWYcqoJgJcszJNXUnuNFT1z3iRdbTjjy45ETD6PAC4LU/m9gY1ZWBWwxnq6Nk18cZ+Q4KigOaKfLZBikket6yqymc0KJWELeJaPi7IbQRfeVs1uRadnuCMOhG3ieGyt3H2H1AGvMirqkzVb4DWBcl9aMqB0lLcrUr5pe2TwvWa0kOWBSouLc9Qb+Rad7AyWzJHyWVi3nSTnzswVQ4KjIMGlsGmUbltXOoDcaVrnpctgusq7yexHo3Fdq3yiyhgyTOA2d4BEZxsPUjfwoOiKGb5HczvB6rIrNukEcLxE/dx3nYiuwuwGXhMulRmI1f3qat0smmTUr2KyTvFAW04lEZWVJohpL819vhGbfRmbOHlUVU2sqzflHQeQkwWnX8PNqB3+lUIBkLSygdXl+prr82eAsZxTO9u2EMVP87yvxA3dAG5v5DuDKwgh9OPTDKI7Dg9BHB6GPhmHkp056ROj/VCm4v3+zelZAn8h6iBGSJpuSMbk0Lcc4dZLkeMuxh/gAJj3rH9vxBo+pztqmsKmyrj97O9rzZjsdWI0v85rCBSKlKcAk8MP4tAFe6fxsryp1mfleUndS3QgnwG8I/vHgnAD+NSeykesuuTluXwPtgjHHnTNc/8QJmiROGKbHe4N6DOIvGN7BmxTwv0tUuPcOdQjUdr6fQAo6b7J5+DM6G53YdzzneM/GR4EK8y19+JWE8oFEG2KNM/NDUwCuOZGrgi1MkSV+HIWnjeyaLXY8ybDFVF9GH7cM2+nModYCOMtNeUaRFwenzfMvlaDtQBvNw8pwMhl/t46CCwsJTEg2I7SPdD2jOdOKwxw4UGz81ihMg8Q98SuuStID6f2Nihomkqtg9z1XNlfd9QzmZ+SnGmpjhp6bxEd8y+25O4Bhz7rH8A0IgRb7Ea4fXzgB0Z6lWmBM5QupMMvN38gG4alzuVLp6b2zuw/KlbpQHMTPEJf++QZlDly+', '2026-11-27 05:37:08.568767+00', 'XTd2HBebGd1x5cJspzieQK1n9Lmay/YtBq46py4HNaI=', '1795757828.5319698', 'Gnqe9b+dpKYo5A');
INSERT INTO raw._dlt_version VALUES (2, 11, '2026-11-27 05:37:05.502911+00', 'opendental', 'BUpFb7fukq1mqBY+8SXwOzPulrfsWzmsF6lcrBPI2Mo=', '{"version":2,"version_hash":"BUpFb7fukq1mqBY+8SXwOzPulrfsWzmsF6lcrBPI2Mo=","engine_version":11,"name":"opendental","tables":{"_dlt_version":{"name":"_dlt_version","columns":{"version":{"name":"version","data_type":"bigint","nullable":false,"description":"Numeric version of the schema, incremented on each schema change"},"engine_version":{"name":"engine_version","data_type":"bigint","nullable":false,"description":"Version of the dlt schema engine that created this schema"},"inserted_at":{"name":"inserted_at","data_type":"timestamp","nullable":false,"description":"Timestamp when this schema version was stored"},"schema_name":{"name":"schema_name","data_type":"text","nullable":false,"description":"Name of the schema"},"version_hash":{"name":"version_hash","data_type":"text","nullable":false,"description":"Unique hash of the schema content, used to detect changes"},"schema":{"name":"schema","data_type":"text","nullable":false,"description":"JSON representation of the complete schema definition"}},"write_disposition":"skip","resource":"_dlt_version","description":"Created by DLT. Tracks schema updates"},"_dlt_loads":{"name":"_dlt_loads","columns":{"load_id":{"name":"load_id","data_type":"text","nullable":false,"precision":64,"description":"Unique identifier of the load operation"},"schema_name":{"name":"schema_name","data_type":"text","nullable":true,"description":"Name of the schema associated with this load"},"status":{"name":"status","data_type":"bigint","nullable":false,"description":"Status of the load operation (0 = success)"},"inserted_at":{"name":"inserted_at","data_type":"timestamp","nullable":false,"description":"Timestamp when the load was completed"},"schema_version_hash":{"name":"schema_version_hash","data_type":"text","nullable":true,"description":"Hash of the schema version used during this load"}},"write_disposition":"skip","resource":"_dlt_loads","description":"Created by DLT. Tracks completed loads"},"fee":{"columns":{"FeeNum":{"name":"FeeNum","data_type":"bigint","primary_key":true,"nullable":false}},"write_disposition":"replace","name":"fee","resource":"fee","x-normalizer":{"seen-data":true}},"patient":{"columns":{"PatNum":{"name":"PatNum","data_type":"bigint","primary_key":true,"nullable":false}},"write_disposition":"replace","name":"patient","resource":"patient","x-normalizer":{"seen-data":true}},"appointment":{"columns":{"AptNum":{"name":"AptNum","data_type":"bigint","primary_key":true,"nullable":false}},"write_disposition":"replace","name":"appointment","resource":"appointment","x-normalizer":{"seen-data":true}},"rate":{"columns":{"RateNum":{"name":"RateNum","data_type":"bigint","primary_key":true,"nullable":false}},"write_disposition":"replace","name":"rate","resource":"rate","x-normalizer":{"seen-data":true}},"_dlt_pipeline_state":{"columns":{"version":{"name":"version","data_type":"bigint","nullable":false,"description":"Numeric version of the pipeline state"},"engine_version":{"name":"engine_version","data_type":"bigint","nullable":false,"description":"Version of the dlt state engine"},"pipeline_name":{"name":"pipeline_name","data_type":"text","nullable":false,"description":"Name of the pipeline this state belongs to"},"state":{"name":"state","data_type":"text","nullable":false,"description":"Compressed JSON representation of the pipeline state"},"created_at":{"name":"created_at","data_type":"timestamp","nullable":false,"description":"Timestamp when this state was created"},"version_hash":{"name":"version_hash","data_type":"text","nullable":true,"description":"Hash of the state content, used to detect changes"},"_dlt_load_id":{"name":"_dlt_load_id","data_type":"text","nullable":false,"precision":64,"description":"Load identifier linking this row to its load operation"},"_dlt_id":{"name":"_dlt_id","data_type":"text","nullable":false,"unique":true,"row_key":true}},"write_disposition":"append","file_format":"preferred","name":"_dlt_pipeline_state","resource":"_dlt_pipeline_state","x-normalizer":{"seen-data":true}}},"settings":{"detections":["iso_timestamp"],"default_hints":{"not_null":["_dlt_id","_dlt_root_id","_dlt_parent_id","_dlt_list_idx","_dlt_load_id"],"parent_key":["_dlt_parent_id"],"root_key":["_dlt_root_id"],"unique":["_dlt_id"],"row_key":["_dlt_id"]}},"normalizers":{"names":"sources.opendental.naming","json":{"module":"dlt.common.normalizers.json.relational","config":{"max_nesting":0}}},"previous_hashes":["8suaRSfaLR2r9TA2iGWS+QGY2xDoSYxXpuPzi8tLf8Q=","Qcvtcfd/KUOm1mkv9lGTwHYWScV2WXo4wWhCtG8q00Q="]}');
INSERT INTO raw._dlt_version VALUES (3, 11, '2026-11-27 05:37:05.895171+00', 'opendental', 'vtrwfZWKhFP4ukqlMMQPkq7BS4iKZGdaIJ3juJQjbyU=', '{"version":3,"version_hash":"vtrwfZWKhFP4ukqlMMQPkq7BS4iKZGdaIJ3juJQjbyU=","engine_version":11,"name":"opendental","tables":{"_dlt_version":{"name":"_dlt_version","columns":{"version":{"name":"version","data_type":"bigint","nullable":false,"description":"Numeric version of the schema, incremented on each schema change"},"engine_version":{"name":"engine_version","data_type":"bigint","nullable":false,"description":"Version of the dlt schema engine that created this schema"},"inserted_at":{"name":"inserted_at","data_type":"timestamp","nullable":false,"description":"Timestamp when this schema version was stored"},"schema_name":{"name":"schema_name","data_type":"text","nullable":false,"description":"Name of the schema"},"version_hash":{"name":"version_hash","data_type":"text","nullable":false,"description":"Unique hash of the schema content, used to detect changes"},"schema":{"name":"schema","data_type":"text","nullable":false,"description":"JSON representation of the complete schema definition"}},"write_disposition":"skip","resource":"_dlt_version","description":"Created by DLT. Tracks schema updates"},"_dlt_loads":{"name":"_dlt_loads","columns":{"load_id":{"name":"load_id","data_type":"text","nullable":false,"precision":64,"description":"Unique identifier of the load operation"},"schema_name":{"name":"schema_name","data_type":"text","nullable":true,"description":"Name of the schema associated with this load"},"status":{"name":"status","data_type":"bigint","nullable":false,"description":"Status of the load operation (0 = success)"},"inserted_at":{"name":"inserted_at","data_type":"timestamp","nullable":false,"description":"Timestamp when the load was completed"},"schema_version_hash":{"name":"schema_version_hash","data_type":"text","nullable":true,"description":"Hash of the schema version used during this load"}},"write_disposition":"skip","resource":"_dlt_loads","description":"Created by DLT. Tracks completed loads"},"fee":{"columns":{"FeeNum":{"name":"FeeNum","data_type":"bigint","nullable":false,"primary_key":true}},"write_disposition":"merge","name":"fee","resource":"fee","x-normalizer":{"seen-data":true}},"patient":{"columns":{"PatNum":{"name":"PatNum","data_type":"bigint","nullable":false,"primary_key":true}},"write_disposition":"merge","name":"patient","resource":"patient","x-normalizer":{"seen-data":true}},"appointment":{"columns":{"AptNum":{"name":"AptNum","data_type":"bigint","primary_key":true,"nullable":false}},"write_disposition":"replace","name":"appointment","resource":"appointment","x-normalizer":{"seen-data":true}},"rate":{"columns":{"RateNum":{"name":"RateNum","data_type":"bigint","primary_key":true,"nullable":false}},"write_disposition":"replace","name":"rate","resource":"rate","x-normalizer":{"seen-data":true}},"_dlt_pipeline_state":{"columns":{"version":{"name":"version","data_type":"bigint","nullable":false,"description":"Numeric version of the pipeline state"},"engine_version":{"name":"engine_version","data_type":"bigint","nullable":false,"description":"Version of the dlt state engine"},"pipeline_name":{"name":"pipeline_name","data_type":"text","nullable":false,"description":"Name of the pipeline this state belongs to"},"state":{"name":"state","data_type":"text","nullable":false,"description":"Compressed JSON representation of the pipeline state"},"created_at":{"name":"created_at","data_type":"timestamp","nullable":false,"description":"Timestamp when this state was created"},"version_hash":{"name":"version_hash","data_type":"text","nullable":true,"description":"Hash of the state content, used to detect changes"},"_dlt_load_id":{"name":"_dlt_load_id","data_type":"text","nullable":false,"precision":64,"description":"Load identifier linking this row to its load operation"},"_dlt_id":{"name":"_dlt_id","data_type":"text","nullable":false,"unique":true,"row_key":true}},"write_disposition":"append","file_format":"preferred","name":"_dlt_pipeline_state","resource":"_dlt_pipeline_state","x-normalizer":{"seen-data":true}}},"settings":{"detections":["iso_timestamp"],"default_hints":{"not_null":["_dlt_id","_dlt_root_id","_dlt_parent_id","_dlt_list_idx","_dlt_load_id"],"parent_key":["_dlt_parent_id"],"root_key":["_dlt_root_id"],"unique":["_dlt_id"],"row_key":["_dlt_id"]}},"normalizers":{"names":"sources.opendental.naming","json":{"module":"dlt.common.normalizers.json.relational","config":{"max_nesting":0,"propagation":{"tables":{"fee":{"_dlt_id":"_dlt_root_id"},"patient":{"_dlt_id":"_dlt_root_id"}}}}}},"previous_hashes":["BUpFb7fukq1mqBY+8SXwOzPulrfsWzmsF6lcrBPI2Mo=","8suaRSfaLR2r9TA2iGWS+QGY2xDoSYxXpuPzi8tLf8Q=","Qcvtcfd/KUOm1mkv9lGTwHYWScV2WXo4wWhCtG8q00Q="]}');
INSERT INTO raw._dlt_version VALUES (5, 11, '2026-11-27 05:37:06.786956+00', 'opendental', 'OK4zP8+xOwi+ngTX4n5z1MACxkCWAdDvk7mFA5wA5/0=', '{"version":5,"version_hash":"OK4zP8+xOwi+ngTX4n5z1MACxkCWAdDvk7mFA5wA5/0=","engine_version":11,"name":"opendental","tables":{"_dlt_version":{"name":"_dlt_version","columns":{"version":{"name":"version","data_type":"bigint","nullable":false,"description":"Numeric version of the schema, incremented on each schema change"},"engine_version":{"name":"engine_version","data_type":"bigint","nullable":false,"description":"Version of the dlt schema engine that created this schema"},"inserted_at":{"name":"inserted_at","data_type":"timestamp","nullable":false,"description":"Timestamp when this schema version was stored"},"schema_name":{"name":"schema_name","data_type":"text","nullable":false,"description":"Name of the schema"},"version_hash":{"name":"version_hash","data_type":"text","nullable":false,"description":"Unique hash of the schema content, used to detect changes"},"schema":{"name":"schema","data_type":"text","nullable":false,"description":"JSON representation of the complete schema definition"}},"write_disposition":"skip","resource":"_dlt_version","description":"Created by DLT. Tracks schema updates"},"_dlt_loads":{"name":"_dlt_loads","columns":{"load_id":{"name":"load_id","data_type":"text","nullable":false,"precision":64,"description":"Unique identifier of the load operation"},"schema_name":{"name":"schema_name","data_type":"text","nullable":true,"description":"Name of the schema associated with this load"},"status":{"name":"status","data_type":"bigint","nullable":false,"description":"Status of the load operation (0 = success)"},"inserted_at":{"name":"inserted_at","data_type":"timestamp","nullable":false,"description":"Timestamp when the load was completed"},"schema_version_hash":{"name":"schema_version_hash","data_type":"text","nullable":true,"description":"Hash of the schema version used during this load"}},"write_disposition":"skip","resource":"_dlt_loads","description":"Created by DLT. Tracks completed loads"},"fee":{"columns":{"FeeNum":{"name":"FeeNum","data_type":"bigint","nullable":false,"primary_key":true}},"write_disposition":"merge","name":"fee","resource":"fee","x-normalizer":{"seen-data":true}},"patient":{"columns":{"PatNum":{"name":"PatNum","data_type":"bigint","nullable":false,"primary_key":true}},"write_disposition":"merge","name":"patient","resource":"patient","x-normalizer":{"seen-data":true}},"appointment":{"columns":{"AptNum":{"name":"AptNum","data_type":"bigint","nullable":false,"primary_key":true}},"write_disposition":"merge","name":"appointment","resource":"appointment","x-normalizer":{"seen-data":true}},"rate":{"columns":{"RateNum":{"name":"RateNum","data_type":"bigint","nullable":false,"primary_key":true}},"write_disposition":"merge","name":"rate","resource":"rate","x-normalizer":{"seen-data":true}},"_dlt_pipeline_state":{"columns":{"version":{"name":"version","data_type":"bigint","nullable":false,"description":"Numeric version of the pipeline state"},"engine_version":{"name":"engine_version","data_type":"bigint","nullable":false,"description":"Version of the dlt state engine"},"pipeline_name":{"name":"pipeline_name","data_type":"text","nullable":false,"description":"Name of the pipeline this state belongs to"},"state":{"name":"state","data_type":"text","nullable":false,"description":"Compressed JSON representation of the pipeline state"},"created_at":{"name":"created_at","data_type":"timestamp","nullable":false,"description":"Timestamp when this state was created"},"version_hash":{"name":"version_hash","data_type":"text","nullable":true,"description":"Hash of the state content, used to detect changes"},"_dlt_load_id":{"name":"_dlt_load_id","data_type":"text","nullable":false,"precision":64,"description":"Load identifier linking this row to its load operation"},"_dlt_id":{"name":"_dlt_id","data_type":"text","nullable":false,"unique":true,"row_key":true}},"write_disposition":"append","file_format":"preferred","name":"_dlt_pipeline_state","resource":"_dlt_pipeline_state","x-normalizer":{"seen-data":true}},"tooth":{"columns":{"PatNum":{"name":"PatNum","data_type":"bigint","primary_key":true,"nullable":false},"Tooth":{"name":"Tooth","data_type":"bigint","primary_key":true,"nullable":false}},"write_disposition":"replace","name":"tooth","resource":"tooth","x-normalizer":{"seen-data":true}},"claim":{"columns":{"ClaimNum":{"name":"ClaimNum","data_type":"bigint","primary_key":true,"nullable":false}},"write_disposition":"replace","name":"claim","resource":"claim","x-normalizer":{"seen-data":true}},"document":{"columns":{"DocNum":{"name":"DocNum","data_type":"bigint","primary_key":true,"nullable":false}},"write_disposition":"replace","name":"document","resource":"document","x-normalizer":{"seen-data":true}},"definition":{"columns":{"DefNum":{"name":"DefNum","data_type":"bigint","primary_key":true,"nullable":false}},"write_disposition":"replace","name":"definition","resource":"definition","x-normalizer":{"seen-data":true}},"securitylog":{"columns":{"LogNum":{"name":"LogNum","data_type":"bigint","primary_key":true,"nullable":false}},"write_disposition":"replace","name":"securitylog","resource":"securitylog","x-normalizer":{"seen-data":true}},"userod":{"columns":{"UserNum":{"name":"UserNum","data_type":"bigint","primary_key":true,"nullable":false}},"write_disposition":"replace","name":"userod","resource":"userod","x-normalizer":{"seen-data":true}},"preference":{"columns":{"PrefName":{"name":"PrefName","data_type":"text","primary_key":true,"nullable":false}},"write_disposition":"replace","name":"preference","resource":"preference","x-normalizer":{"seen-data":true}},"queue":{"columns":{},"write_disposition":"replace","name":"queue","resource":"queue","x-normalizer":{"seen-data":true}},"zipcode":{"columns":{},"write_disposition":"replace","name":"zipcode","resource":"zipcode","x-normalizer":{"seen-data":true}}},"settings":{"detections":["iso_timestamp"],"default_hints":{"not_null":["_dlt_id","_dlt_root_id","_dlt_parent_id","_dlt_list_idx","_dlt_load_id"],"parent_key":["_dlt_parent_id"],"root_key":["_dlt_root_id"],"unique":["_dlt_id"],"row_key":["_dlt_id"]}},"normalizers":{"names":"sources.opendental.naming","json":{"module":"dlt.common.normalizers.json.relational","config":{"max_nesting":0,"propagation":{"tables":{"fee":{"_dlt_id":"_dlt_root_id"},"patient":{"_dlt_id":"_dlt_root_id"},"appointment":{"_dlt_id":"_dlt_root_id"},"rate":{"_dlt_id":"_dlt_root_id"}}}}}},"previous_hashes":["nFeQPa8/U6yYvb8nDkhGMWZgydYqmWBkE85ixvpmefY=","vtrwfZWKhFP4ukqlMMQPkq7BS4iKZGdaIJ3juJQjbyU=","BUpFb7fukq1mqBY+8SXwOzPulrfsWzmsF6lcrBPI2Mo=","8suaRSfaLR2r9TA2iGWS+QGY2xDoSYxXpuPzi8tLf8Q=","Qcvtcfd/KUOm1mkv9lGTwHYWScV2WXo4wWhCtG8q00Q="]}');
INSERT INTO raw._dlt_version VALUES (6, 11, '2026-11-27 05:37:08.323435+00', 'opendental', 'NutcUelEYxNQTa7h9M14Q7OugWSF987HoT1Ood+DcIk=', '{"version":6,"version_hash":"NutcUelEYxNQTa7h9M14Q7OugWSF987HoT1Ood+DcIk=","engine_version":11,"name":"opendental","tables":{"_dlt_version":{"name":"_dlt_version","columns":{"version":{"name":"version","data_type":"bigint","nullable":false,"description":"Numeric version of the schema, incremented on each schema change"},"engine_version":{"name":"engine_version","data_type":"bigint","nullable":false,"description":"Version of the dlt schema engine that created this schema"},"inserted_at":{"name":"inserted_at","data_type":"timestamp","nullable":false,"description":"Timestamp when this schema version was stored"},"schema_name":{"name":"schema_name","data_type":"text","nullable":false,"description":"Name of the schema"},"version_hash":{"name":"version_hash","data_type":"text","nullable":false,"description":"Unique hash of the schema content, used to detect changes"},"schema":{"name":"schema","data_type":"text","nullable":false,"description":"JSON representation of the complete schema definition"}},"write_disposition":"skip","resource":"_dlt_version","description":"Created by DLT. Tracks schema updates"},"_dlt_loads":{"name":"_dlt_loads","columns":{"load_id":{"name":"load_id","data_type":"text","nullable":false,"precision":64,"description":"Unique identifier of the load operation"},"schema_name":{"name":"schema_name","data_type":"text","nullable":true,"description":"Name of the schema associated with this load"},"status":{"name":"status","data_type":"bigint","nullable":false,"description":"Status of the load operation (0 = success)"},"inserted_at":{"name":"inserted_at","data_type":"timestamp","nullable":false,"description":"Timestamp when the load was completed"},"schema_version_hash":{"name":"schema_version_hash","data_type":"text","nullable":true,"description":"Hash of the schema version used during this load"}},"write_disposition":"skip","resource":"_dlt_loads","description":"Created by DLT. Tracks completed loads"},"fee":{"columns":{"FeeNum":{"name":"FeeNum","data_type":"bigint","nullable":false,"primary_key":true}},"write_disposition":"merge","name":"fee","resource":"fee","x-normalizer":{"seen-data":true}},"patient":{"columns":{"PatNum":{"name":"PatNum","data_type":"bigint","nullable":false,"primary_key":true}},"write_disposition":"merge","name":"patient","resource":"patient","x-normalizer":{"seen-data":true}},"appointment":{"columns":{"AptNum":{"name":"AptNum","data_type":"bigint","nullable":false,"primary_key":true}},"write_disposition":"merge","name":"appointment","resource":"appointment","x-normalizer":{"seen-data":true}},"rate":{"columns":{"RateNum":{"name":"RateNum","data_type":"bigint","nullable":false,"primary_key":true}},"write_disposition":"merge","name":"rate","resource":"rate","x-normalizer":{"seen-data":true}},"_dlt_pipeline_state":{"columns":{"version":{"name":"version","data_type":"bigint","nullable":false,"description":"Numeric version of the pipeline state"},"engine_version":{"name":"engine_version","data_type":"bigint","nullable":false,"description":"Version of the dlt state engine"},"pipeline_name":{"name":"pipeline_name","data_type":"text","nullable":false,"description":"Name of the pipeline this state belongs to"},"state":{"name":"state","data_type":"text","nullable":false,"description":"Compressed JSON representation of the pipeline state"},"created_at":{"name":"created_at","data_type":"timestamp","nullable":false,"description":"Timestamp when this state was created"},"version_hash":{"name":"version_hash","data_type":"text","nullable":true,"description":"Hash of the state content, used to detect changes"},"_dlt_load_id":{"name":"_dlt_load_id","data_type":"text","nullable":false,"precision":64,"description":"Load identifier linking this row to its load operation"},"_dlt_id":{"name":"_dlt_id","data_type":"text","nullable":false,"unique":true,"row_key":true}},"write_disposition":"append","file_format":"preferred","name":"_dlt_pipeline_state","resource":"_dlt_pipeline_state","x-normalizer":{"seen-data":true}},"tooth":{"columns":{"PatNum":{"name":"PatNum","data_type":"bigint","primary_key":true,"nullable":false},"Tooth":{"name":"Tooth","data_type":"bigint","primary_key":true,"nullable":false}},"write_disposition":"replace","name":"tooth","resource":"tooth","x-normalizer":{"seen-data":true}},"claim":{"columns":{"ClaimNum":{"name":"ClaimNum","data_type":"bigint","primary_key":true,"nullable":false}},"write_disposition":"replace","name":"claim","resource":"claim","x-normalizer":{"seen-data":true}},"document":{"columns":{"DocNum":{"name":"DocNum","data_type":"bigint","nullable":false,"primary_key":true}},"write_disposition":"merge","name":"document","resource":"document","x-normalizer":{"seen-data":true}},"definition":{"columns":{"DefNum":{"name":"DefNum","data_type":"bigint","primary_key":true,"nullable":false}},"write_disposition":"replace","name":"definition","resource":"definition","x-normalizer":{"seen-data":true}},"securitylog":{"columns":{"LogNum":{"name":"LogNum","data_type":"bigint","primary_key":true,"nullable":false}},"write_disposition":"replace","name":"securitylog","resource":"securitylog","x-normalizer":{"seen-data":true}},"userod":{"columns":{"UserNum":{"name":"UserNum","data_type":"bigint","primary_key":true,"nullable":false}},"write_disposition":"replace","name":"userod","resource":"userod","x-normalizer":{"seen-data":true}},"preference":{"columns":{"PrefName":{"name":"PrefName","data_type":"text","primary_key":true,"nullable":false}},"write_disposition":"replace","name":"preference","resource":"preference","x-normalizer":{"seen-data":true}},"queue":{"columns":{},"write_disposition":"replace","name":"queue","resource":"queue","x-normalizer":{"seen-data":true}},"zipcode":{"columns":{},"write_disposition":"replace","name":"zipcode","resource":"zipcode","x-normalizer":{"seen-data":true}}},"settings":{"detections":["iso_timestamp"],"default_hints":{"not_null":["_dlt_id","_dlt_root_id","_dlt_parent_id","_dlt_list_idx","_dlt_load_id"],"parent_key":["_dlt_parent_id"],"root_key":["_dlt_root_id"],"unique":["_dlt_id"],"row_key":["_dlt_id"]}},"normalizers":{"names":"sources.opendental.naming","json":{"module":"dlt.common.normalizers.json.relational","config":{"max_nesting":0,"propagation":{"tables":{"fee":{"_dlt_id":"_dlt_root_id"},"patient":{"_dlt_id":"_dlt_root_id"},"appointment":{"_dlt_id":"_dlt_root_id"},"rate":{"_dlt_id":"_dlt_root_id"},"document":{"_dlt_id":"_dlt_root_id"}}}}}},"previous_hashes":["OK4zP8+xOwi+ngTX4n5z1MACxkCWAdDvk7mFA5wA5/0=","nFeQPa8/U6yYvb8nDkhGMWZgydYqmWBkE85ixvpmefY=","vtrwfZWKhFP4ukqlMMQPkq7BS4iKZGdaIJ3juJQjbyU=","BUpFb7fukq1mqBY+8SXwOzPulrfsWzmsF6lcrBPI2Mo=","8suaRSfaLR2r9TA2iGWS+QGY2xDoSYxXpuPzi8tLf8Q=","Qcvtcfd/KUOm1mkv9lGTwHYWScV2WXo4wWhCtG8q00Q="]}');
INSERT INTO raw._dlt_version VALUES (7, 11, '2026-11-27 05:37:08.675339+00', 'opendental', 'g6vkKzbn5O7Z7kOzwOa+fl4VmmIuq/FqDXlacWSGxXU=', '{"version":7,"version_hash":"g6vkKzbn5O7Z7kOzwOa+fl4VmmIuq/FqDXlacWSGxXU=","engine_version":11,"name":"opendental","tables":{"_dlt_version":{"name":"_dlt_version","columns":{"version":{"name":"version","data_type":"bigint","nullable":false,"description":"Numeric version of the schema, incremented on each schema change"},"engine_version":{"name":"engine_version","data_type":"bigint","nullable":false,"description":"Version of the dlt schema engine that created this schema"},"inserted_at":{"name":"inserted_at","data_type":"timestamp","nullable":false,"description":"Timestamp when this schema version was stored"},"schema_name":{"name":"schema_name","data_type":"text","nullable":false,"description":"Name of the schema"},"version_hash":{"name":"version_hash","data_type":"text","nullable":false,"description":"Unique hash of the schema content, used to detect changes"},"schema":{"name":"schema","data_type":"text","nullable":false,"description":"JSON representation of the complete schema definition"}},"write_disposition":"skip","resource":"_dlt_version","description":"Created by DLT. Tracks schema updates"},"_dlt_loads":{"name":"_dlt_loads","columns":{"load_id":{"name":"load_id","data_type":"text","nullable":false,"precision":64,"description":"Unique identifier of the load operation"},"schema_name":{"name":"schema_name","data_type":"text","nullable":true,"description":"Name of the schema associated with this load"},"status":{"name":"status","data_type":"bigint","nullable":false,"description":"Status of the load operation (0 = success)"},"inserted_at":{"name":"inserted_at","data_type":"timestamp","nullable":false,"description":"Timestamp when the load was completed"},"schema_version_hash":{"name":"schema_version_hash","data_type":"text","nullable":true,"description":"Hash of the schema version used during this load"}},"write_disposition":"skip","resource":"_dlt_loads","description":"Created by DLT. Tracks completed loads"},"fee":{"columns":{"FeeNum":{"name":"FeeNum","data_type":"bigint","nullable":false,"primary_key":true}},"write_disposition":"merge","name":"fee","resource":"fee","x-normalizer":{"seen-data":true}},"patient":{"columns":{"PatNum":{"name":"PatNum","data_type":"bigint","nullable":false,"primary_key":true}},"write_disposition":"merge","name":"patient","resource":"patient","x-normalizer":{"seen-data":true}},"appointment":{"columns":{"AptNum":{"name":"AptNum","data_type":"bigint","nullable":false,"primary_key":true}},"write_disposition":"merge","name":"appointment","resource":"appointment","x-normalizer":{"seen-data":true}},"rate":{"columns":{"RateNum":{"name":"RateNum","data_type":"bigint","nullable":false,"primary_key":true}},"write_disposition":"merge","name":"rate","resource":"rate","x-normalizer":{"seen-data":true}},"_dlt_pipeline_state":{"columns":{"version":{"name":"version","data_type":"bigint","nullable":false,"description":"Numeric version of the pipeline state"},"engine_version":{"name":"engine_version","data_type":"bigint","nullable":false,"description":"Version of the dlt state engine"},"pipeline_name":{"name":"pipeline_name","data_type":"text","nullable":false,"description":"Name of the pipeline this state belongs to"},"state":{"name":"state","data_type":"text","nullable":false,"description":"Compressed JSON representation of the pipeline state"},"created_at":{"name":"created_at","data_type":"timestamp","nullable":false,"description":"Timestamp when this state was created"},"version_hash":{"name":"version_hash","data_type":"text","nullable":true,"description":"Hash of the state content, used to detect changes"},"_dlt_load_id":{"name":"_dlt_load_id","data_type":"text","nullable":false,"precision":64,"description":"Load identifier linking this row to its load operation"},"_dlt_id":{"name":"_dlt_id","data_type":"text","nullable":false,"unique":true,"row_key":true}},"write_disposition":"append","file_format":"preferred","name":"_dlt_pipeline_state","resource":"_dlt_pipeline_state","x-normalizer":{"seen-data":true}},"tooth":{"columns":{"PatNum":{"name":"PatNum","data_type":"bigint","nullable":false,"primary_key":true},"Tooth":{"name":"Tooth","data_type":"bigint","nullable":false,"primary_key":true}},"write_disposition":"merge","name":"tooth","resource":"tooth","x-normalizer":{"seen-data":true}},"claim":{"columns":{"ClaimNum":{"name":"ClaimNum","data_type":"bigint","nullable":false,"primary_key":true}},"write_disposition":"merge","name":"claim","resource":"claim","x-normalizer":{"seen-data":true}},"document":{"columns":{"DocNum":{"name":"DocNum","data_type":"bigint","nullable":false,"primary_key":true}},"write_disposition":"merge","name":"document","resource":"document","x-normalizer":{"seen-data":true}},"definition":{"columns":{"DefNum":{"name":"DefNum","data_type":"bigint","primary_key":true,"nullable":false}},"write_disposition":"replace","name":"definition","resource":"definition","x-normalizer":{"seen-data":true}},"securitylog":{"columns":{"LogNum":{"name":"LogNum","data_type":"bigint","primary_key":true,"nullable":false}},"write_disposition":"replace","name":"securitylog","resource":"securitylog","x-normalizer":{"seen-data":true}},"userod":{"columns":{"UserNum":{"name":"UserNum","data_type":"bigint","primary_key":true,"nullable":false}},"write_disposition":"replace","name":"userod","resource":"userod","x-normalizer":{"seen-data":true}},"preference":{"columns":{"PrefName":{"name":"PrefName","data_type":"text","nullable":false,"primary_key":true}},"write_disposition":"merge","name":"preference","resource":"preference","x-normalizer":{"seen-data":true}},"queue":{"columns":{},"write_disposition":"replace","name":"queue","resource":"queue","x-normalizer":{"seen-data":true}},"zipcode":{"columns":{},"write_disposition":"replace","name":"zipcode","resource":"zipcode","x-normalizer":{"seen-data":true}}},"settings":{"detections":["iso_timestamp"],"default_hints":{"not_null":["_dlt_id","_dlt_root_id","_dlt_parent_id","_dlt_list_idx","_dlt_load_id"],"parent_key":["_dlt_parent_id"],"root_key":["_dlt_root_id"],"unique":["_dlt_id"],"row_key":["_dlt_id"]}},"normalizers":{"names":"sources.opendental.naming","json":{"module":"dlt.common.normalizers.json.relational","config":{"max_nesting":0,"propagation":{"tables":{"fee":{"_dlt_id":"_dlt_root_id"},"patient":{"_dlt_id":"_dlt_root_id"},"appointment":{"_dlt_id":"_dlt_root_id"},"rate":{"_dlt_id":"_dlt_root_id"},"document":{"_dlt_id":"_dlt_root_id"},"tooth":{"_dlt_id":"_dlt_root_id"},"claim":{"_dlt_id":"_dlt_root_id"},"preference":{"_dlt_id":"_dlt_root_id"}}}}}},"previous_hashes":["NutcUelEYxNQTa7h9M14Q7OugWSF987HoT1Ood+DcIk=","OK4zP8+xOwi+ngTX4n5z1MACxkCWAdDvk7mFA5wA5/0=","nFeQPa8/U6yYvb8nDkhGMWZgydYqmWBkE85ixvpmefY=","vtrwfZWKhFP4ukqlMMQPkq7BS4iKZGdaIJ3juJQjbyU=","BUpFb7fukq1mqBY+8SXwOzPulrfsWzmsF6lcrBPI2Mo=","8suaRSfaLR2r9TA2iGWS+QGY2xDoSYxXpuPzi8tLf8Q=","Qcvtcfd/KUOm1mkv9lGTwHYWScV2WXo4wWhCtG8q00Q="]}');
INSERT INTO raw.appointment VALUES (1, 'done', 'é', '2020-01-01 01:00:00', '2026-11-27 05:37:05.049223+00');
INSERT INTO raw.appointment VALUES (2, 'set', 'éé', '2020-01-01 02:00:00', '2026-11-27 05:37:05.049223+00');
INSERT INTO raw.appointment VALUES (3, 'done', NULL, '2020-01-01 03:00:00', '2026-11-27 05:37:05.049223+00');
INSERT INTO raw.appointment VALUES (5, 'done', 'ééééé', '2020-01-01 05:00:00', '2026-11-27 05:37:05.049223+00');
INSERT INTO raw.appointment VALUES (6, 'set', NULL, '2020-01-01 06:00:00', '2026-11-27 05:37:05.049223+00');
INSERT INTO raw.appointment VALUES (7, 'done', 'ééééééé', '2020-01-01 07:00:00', '2026-11-27 05:37:05.049223+00');
INSERT INTO raw.appointment VALUES (8, 'set', 'éééééééé', '2020-01-01 08:00:00', '2026-11-27 05:37:05.049223+00');
INSERT INTO raw.appointment VALUES (9, 'done', NULL, '2020-01-01 09:00:00', '2026-11-27 05:37:05.049223+00');
INSERT INTO raw.appointment VALUES (10, 'set', 'éééééééééé', '2020-01-01 10:00:00', '2026-11-27 05:37:05.049223+00');
INSERT INTO raw.appointment VALUES (11, 'done', 'ééééééééééé', '2020-01-01 11:00:00', '2026-11-27 05:37:05.350672+00');
INSERT INTO raw.appointment VALUES (12, 'set', NULL, '2020-01-01 12:00:00', '2026-11-27 05:37:05.350672+00');
INSERT INTO raw.appointment VALUES (13, 'done', 'ééééééééééééé', '2020-01-01 13:00:00', '2026-11-27 05:37:05.350672+00');
INSERT INTO raw.appointment VALUES (14, 'set', 'éééééééééééééé', '2020-01-01 14:00:00', '2026-11-27 05:37:05.350672+00');
INSERT INTO raw.appointment VALUES (15, 'done', NULL, '2020-01-01 15:00:00', '2026-11-27 05:37:05.350672+00');
INSERT INTO raw.appointment VALUES (4, 'set', 'moved', '2020-02-02 00:00:00', '2026-11-27 05:37:07.646084+00');
INSERT INTO raw.claim VALUES (1, 0.1, '2019-01-01', '2020-01-02 00:00:00', '2020-01-01 00:00:00', '2026-11-27 05:37:05.066632+00');
INSERT INTO raw.claim VALUES (2, 0.2, '2019-01-01', '2020-01-02 00:00:00', '2020-01-01 00:00:00', '2026-11-27 05:37:05.066632+00');
INSERT INTO raw.claim VALUES (3, 0.3, '2019-01-01', '2020-01-02 00:00:00', '2020-01-01 00:00:00', '2026-11-27 05:37:05.066632+00');
INSERT INTO raw.claim VALUES (4, 0.4, '2019-01-01', '2020-01-02 00:00:00', '2020-01-01 00:00:00', '2026-11-27 05:37:05.066632+00');
INSERT INTO raw.claim VALUES (6, 0.6, '2019-01-01', '2020-01-02 00:00:00', '2020-01-01 00:00:00', '2026-11-27 05:37:05.066632+00');
INSERT INTO raw.claim VALUES (7, 0.7, '2019-01-01', '2020-01-02 00:00:00', '2020-01-01 00:00:00', '2026-11-27 05:37:05.066632+00');
INSERT INTO raw.claim VALUES (8, 0.8, '2019-01-01', '2020-01-02 00:00:00', '2020-01-01 00:00:00', '2026-11-27 05:37:05.066632+00');
INSERT INTO raw.claim VALUES (5, 7, '2019-01-01', '2020-02-02 00:00:00', '2020-01-01 00:00:00', '2026-11-27 05:37:07.684357+00');
INSERT INTO raw.definition VALUES (1, 'item 1', '2026-11-27 05:37:05.07302+00');
INSERT INTO raw.definition VALUES (2, 'item 2', '2026-11-27 05:37:05.07302+00');
INSERT INTO raw.definition VALUES (3, 'item 3', '2026-11-27 05:37:05.07302+00');
INSERT INTO raw.definition VALUES (4, 'item 4', '2026-11-27 05:37:05.07302+00');
INSERT INTO raw.definition VALUES (5, 'item 5', '2026-11-27 05:37:05.07302+00');
INSERT INTO raw.definition VALUES (6, 'item 6', '2026-11-27 05:37:05.07302+00');
INSERT INTO raw.document VALUES (1, '1.pdf', '2020-01-01 00:00:00', '2026-11-27 05:37:05.099993+00', NULL);
INSERT INTO raw.document VALUES (4, '4.pdf', '2020-01-01 00:00:00', '2026-11-27 05:37:05.099993+00', NULL);
INSERT INTO raw.document VALUES (5, '5.pdf', '2020-01-01 00:00:00', '2026-11-27 05:37:05.099993+00', NULL);
INSERT INTO raw.document VALUES (6, '6.pdf', '2020-01-01 00:00:00', '2026-11-27 05:37:05.099993+00', NULL);
INSERT INTO raw.document VALUES (7, '7.pdf', '2020-01-01 00:00:00', '2026-11-27 05:37:05.099993+00', NULL);
INSERT INTO raw.document VALUES (8, '8.pdf', '2020-01-01 00:00:00', '2026-11-27 05:37:05.099993+00', NULL);
INSERT INTO raw.document VALUES (2, '2.pdf', '2020-01-01 00:00:00', '2026-11-27 05:37:05.099993+00', '2026-11-27 05:37:07.880559+00');
INSERT INTO raw.document VALUES (3, '3.pdf', '2020-01-01 00:00:00', '2026-11-27 05:37:05.099993+00', '2026-11-27 05:37:07.880559+00');
INSERT INTO raw.etl_fence VALUES (1, 'cf3a17cf9a464486a4958b8bb817bc04', 'opendental:raw', 25850, '2026-11-27 05:37:07.216775+00');
INSERT INTO raw.etl_load_status VALUES ('fee', '2026-11-27 05:37:07.642449', '_replicated_at', 1, 'success', '2026-11-27 05:37:08.800734', 'incremental', 0.032, NULL, '2026-11-27 05:37:04.597457', '2026-11-27 05:37:08.801206');
INSERT INTO raw.etl_load_status VALUES ('patient', '2026-11-27 05:37:07.879504', '_replicated_at', 2, 'success', '2026-11-27 05:37:08.800742', 'incremental', 0.06, NULL, '2026-11-27 05:37:04.597457', '2026-11-27 05:37:08.801206');
INSERT INTO raw.etl_load_status VALUES ('appointment', '2026-11-27 05:37:07.646084', '_replicated_at', 1, 'success', '2026-11-27 05:37:08.800746', 'incremental', 0.071, NULL, '2026-11-27 05:37:04.597457', '2026-11-27 05:37:08.801206');
INSERT INTO raw.etl_load_status VALUES ('rate', '2026-11-27 05:37:05.356775', '_replicated_at', 0, 'success', '2026-11-27 05:37:08.80075', 'unchanged', 0, NULL, '2026-11-27 05:37:04.597457', '2026-11-27 05:37:08.801206');
INSERT INTO raw.etl_load_status VALUES ('tooth', '2026-11-27 05:37:07.679088', '_replicated_at', 0, 'success', '2026-11-27 05:37:08.800753', 'incremental', 0.045, NULL, '2026-11-27 05:37:04.597457', '2026-11-27 05:37:08.801206');
INSERT INTO raw.etl_load_status VALUES ('claim', '2026-11-27 05:37:07.684357', '_replicated_at', 1, 'success', '2026-11-27 05:37:08.800756', 'incremental', 0.07, NULL, '2026-11-27 05:37:04.597457', '2026-11-27 05:37:08.801206');
INSERT INTO raw.etl_load_status VALUES ('document', '2026-11-27 05:37:07.880559', '_replicated_at', 0, 'success', '2026-11-27 05:37:08.80076', 'incremental', 0.048, NULL, '2026-11-27 05:37:04.597457', '2026-11-27 05:37:08.801206');
INSERT INTO raw.etl_load_status VALUES ('definition', '2026-11-27 05:37:05.073020', '_replicated_at', 0, 'success', '2026-11-27 05:37:08.800763', 'unchanged', 0, NULL, '2026-11-27 05:37:04.597457', '2026-11-27 05:37:08.801206');
INSERT INTO raw.etl_load_status VALUES ('userod', '2026-11-27 05:37:05.066274', '_replicated_at', 0, 'success', '2026-11-27 05:37:08.800766', 'unchanged', 0, NULL, '2026-11-27 05:37:04.597457', '2026-11-27 05:37:08.801206');
INSERT INTO raw.etl_load_status VALUES ('preference', '2026-11-27 05:37:07.659481', '_replicated_at', 1, 'success', '2026-11-27 05:37:08.800769', 'incremental', 0.072, NULL, '2026-11-27 05:37:04.597457', '2026-11-27 05:37:08.801206');
INSERT INTO raw.etl_load_status VALUES ('queue', '2026-11-27 05:37:07.621877', '_replicated_at', 2, 'success', '2026-11-27 05:37:08.800772', 'full_table', 0.066, NULL, '2026-11-27 05:37:04.597457', '2026-11-27 05:37:08.801206');
INSERT INTO raw.etl_load_status VALUES ('zipcode', '2026-11-27 05:37:07.644577', '_replicated_at', 3, 'success', '2026-11-27 05:37:08.800775', 'full_table', 0.04, NULL, '2026-11-27 05:37:04.597457', '2026-11-27 05:37:08.801206');
INSERT INTO raw.etl_load_status VALUES ('securitylog', '2026-11-27 05:37:05.083765', '_replicated_at', 20, 'failed', '2026-11-27 05:37:06.936083', 'full_table', 0.039, 'table securitylog, hop replication: cannot be written: the server refused the statement (MySQL error 1644)', '2026-11-27 05:37:04.597457', '2026-11-27 05:37:08.806555');
INSERT INTO raw.etl_runs VALUES ('20261127T053704-7f4903', 'test', '2026-11-27 05:37:04.340802+00', '2026-11-27 05:37:07.055709+00', 13, 0, 141, 141);
INSERT INTO raw.etl_runs VALUES ('20261127T053707-4cb6f9', 'test', '2026-11-27 05:37:07.141186+00', '2026-11-27 05:37:08.908513+00', 12, 1, 80, 11);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053704-7f4903', 'fee', 'replication', '2026-11-27 05:37:04.340802+00', 'success', 'full_table', 'it was never copied', 40, 0, 0, 0, 0, '2026-11-27 05:37:04+00', '2026-11-27 05:37:04+00', 0.137, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053704-7f4903', 'fee', 'raw', '2026-11-27 05:37:04.340802+00', 'success', 'full_table', 'it was never loaded', 40, 0, 0, 0, 0, '2026-11-27 05:37:05.142217+00', '2026-11-27 05:37:06.929547+00', 0.148, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053704-7f4903', 'patient', 'replication', '2026-11-27 05:37:04.340802+00', 'success', 'full_table', 'it was never copied', 25, 0, 0, 0, 0, '2026-11-27 05:37:04+00', '2026-11-27 05:37:04+00', 0.085, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053704-7f4903', 'patient', 'raw', '2026-11-27 05:37:04.340802+00', 'success', 'full_table', 'it was never loaded', 25, 0, 0, 0, 0, '2026-11-27 05:37:05.142217+00', '2026-11-27 05:37:06.929547+00', 0.128, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053704-7f4903', 'appointment', 'replication', '2026-11-27 05:37:04.340802+00', 'success', 'full_table', 'it was never copied', 15, 0, 0, 0, 0, '2026-11-27 05:37:04+00', '2026-11-27 05:37:04+00', 0.072, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053704-7f4903', 'appointment', 'raw', '2026-11-27 05:37:04.340802+00', 'success', 'full_table', 'it was never loaded', 15, 0, 0, 0, 0, '2026-11-27 05:37:05.142217+00', '2026-11-27 05:37:06.929547+00', 0.063, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053704-7f4903', 'rate', 'replication', '2026-11-27 05:37:04.340802+00', 'success', 'full_table', 'it was never copied', 12, 0, 0, 0, 0, '2026-11-27 05:37:04+00', '2026-11-27 05:37:04+00', 0.059, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053704-7f4903', 'rate', 'raw', '2026-11-27 05:37:04.340802+00', 'success', 'full_table', 'it was never loaded', 12, 0, 0, 0, 0, '2026-11-27 05:37:05.142217+00', '2026-11-27 05:37:06.929547+00', 0.086, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053704-7f4903', 'tooth', 'replication', '2026-11-27 05:37:04.340802+00', 'success', 'full_table', 'it was never copied', 9, 0, 0, 0, 0, '2026-11-27 05:37:04+00', '2026-11-27 05:37:04+00', 0.043, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053704-7f4903', 'tooth', 'raw', '2026-11-27 05:37:04.340802+00', 'success', 'full_table', 'it was never loaded', 9, 0, 0, 0, 0, '2026-11-27 05:37:06.563909+00', '2026-11-27 05:37:06.929547+00', 0.042, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053704-7f4903', 'claim', 'replication', '2026-11-27 05:37:04.340802+00', 'success', 'full_table', 'it was never copied', 8, 0, 0, 0, 0, '2026-11-27 05:37:04+00', '2026-11-27 05:37:04+00', 0.023, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053704-7f4903', 'claim', 'raw', '2026-11-27 05:37:04.340802+00', 'success', 'full_table', 'it was never loaded', 8, 0, 0, 0, 0, '2026-11-27 05:37:06.563909+00', '2026-11-27 05:37:06.929547+00', 0.029, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053704-7f4903', 'document', 'replication', '2026-11-27 05:37:04.340802+00', 'success', 'full_table', 'it was never copied', 8, 0, 0, 0, 0, '2026-11-27 05:37:04+00', '2026-11-27 05:37:04+00', 0.012, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053704-7f4903', 'document', 'raw', '2026-11-27 05:37:04.340802+00', 'success', 'full_table', 'it was never loaded', 8, 0, 0, 0, 0, '2026-11-27 05:37:06.563909+00', '2026-11-27 05:37:06.929547+00', 0.035, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053704-7f4903', 'definition', 'replication', '2026-11-27 05:37:04.340802+00', 'success', 'full_table', 'it was never copied', 6, 0, 0, 0, 0, '2026-11-27 05:37:04+00', '2026-11-27 05:37:04+00', 0.034, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053704-7f4903', 'definition', 'raw', '2026-11-27 05:37:04.340802+00', 'success', 'full_table', 'it was never loaded', 6, 0, 0, 0, 0, '2026-11-27 05:37:06.563909+00', '2026-11-27 05:37:06.929547+00', 0.031, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053704-7f4903', 'securitylog', 'replication', '2026-11-27 05:37:04.340802+00', 'success', 'full_table', 'it was never copied', 5, 0, 0, 0, 0, '2026-11-27 05:37:04+00', '2026-11-27 05:37:04+00', 0.021, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053704-7f4903', 'securitylog', 'raw', '2026-11-27 05:37:04.340802+00', 'success', 'full_table', 'it was never loaded', 5, 0, 0, 0, 0, '2026-11-27 05:37:06.563909+00', '2026-11-27 05:37:06.929547+00', 0.044, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053704-7f4903', 'userod', 'replication', '2026-11-27 05:37:04.340802+00', 'success', 'full_table', 'it was never copied', 4, 0, 0, 0, 0, '2026-11-27 05:37:04+00', '2026-11-27 05:37:04+00', 0.029, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053704-7f4903', 'userod', 'raw', '2026-11-27 05:37:04.340802+00', 'success', 'full_table', 'it was never loaded', 4, 0, 0, 0, 0, '2026-11-27 05:37:06.563909+00', '2026-11-27 05:37:06.929547+00', 0.031, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053704-7f4903', 'preference', 'replication', '2026-11-27 05:37:04.340802+00', 'success', 'full_table', 'it was never copied', 3, 0, 0, 0, 0, '2026-11-27 05:37:04+00', '2026-11-27 05:37:04+00', 0.012, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053704-7f4903', 'preference', 'raw', '2026-11-27 05:37:04.340802+00', 'success', 'full_table', 'it was never loaded', 3, 0, 0, 0, 0, '2026-11-27 05:37:06.563909+00', '2026-11-27 05:37:06.929547+00', 0.03, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053704-7f4903', 'queue', 'replication', '2026-11-27 05:37:04.340802+00', 'success', 'full_table', 'it was never copied', 3, 0, 0, 0, 0, '2026-11-27 05:37:04+00', '2026-11-27 05:37:04+00', 0.018, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053704-7f4903', 'queue', 'raw', '2026-11-27 05:37:04.340802+00', 'success', 'full_table', 'it was never loaded', 3, 0, 0, 0, 0, '2026-11-27 05:37:06.563909+00', '2026-11-27 05:37:06.929547+00', 0.059, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053704-7f4903', 'zipcode', 'replication', '2026-11-27 05:37:04.340802+00', 'success', 'full_table', 'it was never copied', 3, 0, 0, 0, 0, '2026-11-27 05:37:04+00', '2026-11-27 05:37:04+00', 0.02, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053704-7f4903', 'zipcode', 'raw', '2026-11-27 05:37:04.340802+00', 'success', 'full_table', 'it was never loaded', 3, 0, 0, 0, 0, '2026-11-27 05:37:06.563909+00', '2026-11-27 05:37:06.929547+00', 0.059, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053707-4cb6f9', 'fee', 'replication', '2026-11-27 05:37:07.141186+00', 'success', 'reconcile_rows', 'tables.yml says full_table', 1, 1, 0, 1, 1, '2026-11-27 05:37:07+00', '2026-11-27 05:37:07+00', 0.064, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053707-4cb6f9', 'fee', 'raw', '2026-11-27 05:37:07.141186+00', 'success', 'incremental', 'replication changed since the last load', 1, 1, 0, 0, 0, '2026-11-27 05:37:05.142217+00', '2026-11-27 05:37:08.794384+00', 0.032, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053707-4cb6f9', 'patient', 'replication', '2026-11-27 05:37:07.141186+00', 'success', 'incremental', 'tables.yml says incremental', 4, 1, 0, 0, 1, '2026-11-27 05:37:04+00', '2026-11-27 05:37:07+00', 0.057, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053707-4cb6f9', 'patient', 'raw', '2026-11-27 05:37:07.141186+00', 'success', 'incremental', 'replication changed since the last load', 2, 1, 0, 0, 0, '2026-11-27 05:37:05.142217+00', '2026-11-27 05:37:08.794384+00', 0.06, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053707-4cb6f9', 'appointment', 'replication', '2026-11-27 05:37:07.141186+00', 'success', 'incremental', 'tables.yml says incremental', 3, 0, 0, 0, 0, '2026-11-27 05:37:04+00', '2026-11-27 05:37:07+00', 0.06, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053707-4cb6f9', 'appointment', 'raw', '2026-11-27 05:37:07.141186+00', 'success', 'incremental', 'replication changed since the last load', 1, 0, 0, 0, 0, '2026-11-27 05:37:05.142217+00', '2026-11-27 05:37:08.794384+00', 0.071, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053707-4cb6f9', 'rate', 'replication', '2026-11-27 05:37:07.141186+00', 'success', 'full_table', 'tables.yml says full_table', 12, 0, 0, 0, 0, '2026-11-27 05:37:07+00', '2026-11-27 05:37:07+00', 0.064, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053707-4cb6f9', 'rate', 'raw', '2026-11-27 05:37:07.141186+00', 'success', 'unchanged', 'nothing changed in replication', 0, 0, 0, 0, 0, '2026-11-27 05:37:05.142217+00', '2026-11-27 05:37:08.794384+00', 0, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053707-4cb6f9', 'tooth', 'replication', '2026-11-27 05:37:07.141186+00', 'success', 'full_table', 'tables.yml says full_table', 8, 0, 0, 0, 0, '2026-11-27 05:37:07+00', '2026-11-27 05:37:07+00', 0.033, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053707-4cb6f9', 'tooth', 'raw', '2026-11-27 05:37:07.141186+00', 'success', 'incremental', 'replication changed since the last load', 0, 1, 0, 0, 0, '2026-11-27 05:37:06.563909+00', '2026-11-27 05:37:08.794384+00', 0.045, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053707-4cb6f9', 'claim', 'replication', '2026-11-27 05:37:07.141186+00', 'success', 'incremental', 'tables.yml says incremental', 8, 0, 0, 0, 0, '2026-11-27 05:37:04+00', '2026-11-27 05:37:07+00', 0.019, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053707-4cb6f9', 'claim', 'raw', '2026-11-27 05:37:07.141186+00', 'success', 'incremental', 'replication changed since the last load', 1, 0, 0, 0, 0, '2026-11-27 05:37:06.563909+00', '2026-11-27 05:37:08.794384+00', 0.07, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053707-4cb6f9', 'document', 'replication', '2026-11-27 05:37:07.141186+00', 'success', 'incremental', 'tables.yml says incremental', 6, 2, 0, 0, 2, '2026-11-27 05:37:04+00', '2026-11-27 05:37:07+00', 0.041, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053707-4cb6f9', 'document', 'raw', '2026-11-27 05:37:07.141186+00', 'success', 'incremental', 'replication changed since the last load', 0, 2, 0, 0, 0, '2026-11-27 05:37:06.563909+00', '2026-11-27 05:37:08.794384+00', 0.048, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053707-4cb6f9', 'definition', 'replication', '2026-11-27 05:37:07.141186+00', 'success', 'full_table', 'tables.yml says full_table', 6, 0, 0, 0, 0, '2026-11-27 05:37:07+00', '2026-11-27 05:37:07+00', 0.039, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053707-4cb6f9', 'definition', 'raw', '2026-11-27 05:37:07.141186+00', 'success', 'unchanged', 'nothing changed in replication', 0, 0, 0, 0, 0, '2026-11-27 05:37:06.563909+00', '2026-11-27 05:37:08.794384+00', 0, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053707-4cb6f9', 'securitylog', 'replication', '2026-11-27 05:37:07.141186+00', 'failed', 'full_table', 'its columns CompNum are new', 20, 0, 0, 0, 0, NULL, NULL, 0.039, 'table securitylog, hop replication: cannot be written: the server refused the statement (MySQL error 1644)');
INSERT INTO raw.etl_table_runs VALUES ('20261127T053707-4cb6f9', 'userod', 'replication', '2026-11-27 05:37:07.141186+00', 'success', 'full_table', 'tables.yml says full_table', 4, 0, 0, 0, 0, '2026-11-27 05:37:07+00', '2026-11-27 05:37:07+00', 0.03, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053707-4cb6f9', 'userod', 'raw', '2026-11-27 05:37:07.141186+00', 'success', 'unchanged', 'nothing changed in replication', 0, 0, 0, 0, 0, '2026-11-27 05:37:06.563909+00', '2026-11-27 05:37:08.794384+00', 0, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053707-4cb6f9', 'preference', 'replication', '2026-11-27 05:37:07.141186+00', 'success', 'full_table', 'tables.yml says full_table', 3, 0, 0, 0, 0, '2026-11-27 05:37:07+00', '2026-11-27 05:37:07+00', 0.014, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053707-4cb6f9', 'preference', 'raw', '2026-11-27 05:37:07.141186+00', 'success', 'incremental', 'replication changed since the last load', 1, 0, 0, 0, 0, '2026-11-27 05:37:06.563909+00', '2026-11-27 05:37:08.794384+00', 0.072, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053707-4cb6f9', 'queue', 'replication', '2026-11-27 05:37:07.141186+00', 'success', 'full_table', 'tables.yml says full_table', 2, 0, 0, 0, 0, '2026-11-27 05:37:07+00', '2026-11-27 05:37:07+00', 0.02, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053707-4cb6f9', 'queue', 'raw', '2026-11-27 05:37:07.141186+00', 'success', 'full_table', 'it has no primary key', 2, 0, 0, 0, 0, '2026-11-27 05:37:08.496112+00', '2026-11-27 05:37:08.794384+00', 0.066, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053707-4cb6f9', 'zipcode', 'replication', '2026-11-27 05:37:07.141186+00', 'success', 'full_table', 'tables.yml says full_table', 3, 0, 0, 0, 0, '2026-11-27 05:37:07+00', '2026-11-27 05:37:07+00', 0.022, NULL);
INSERT INTO raw.etl_table_runs VALUES ('20261127T053707-4cb6f9', 'zipcode', 'raw', '2026-11-27 05:37:07.141186+00', 'success', 'full_table', 'it has no primary key', 3, 0, 0, 0, 0, '2026-11-27 05:37:08.496112+00', '2026-11-27 05:37:08.794384+00', 0.04, NULL);
INSERT INTO raw.fee VALUES (1, 0.125, '', '2026-11-27 05:37:05.046152+00');
INSERT INTO raw.fee VALUES (2, 0.250, NULL, '2026-11-27 05:37:05.046152+00');
INSERT INTO raw.fee VALUES (3, 0.375, '', '2026-11-27 05:37:05.046152+00');
INSERT INTO raw.fee VALUES (4, 0.500, NULL, '2026-11-27 05:37:05.046152+00');
INSERT INTO raw.fee VALUES (5, 0.625, '', '2026-11-27 05:37:05.046152+00');
INSERT INTO raw.fee VALUES (6, 0.750, NULL, '2026-11-27 05:37:05.046152+00');
INSERT INTO raw.fee VALUES (7, 0.875, '', '2026-11-27 05:37:05.046152+00');
INSERT INTO raw.fee VALUES (8, 1.000, NULL, '2026-11-27 05:37:05.046152+00');
INSERT INTO raw.fee VALUES (11, 1.375, '', '2026-11-27 05:37:05.354186+00');
INSERT INTO raw.fee VALUES (12, 1.500, NULL, '2026-11-27 05:37:05.354186+00');
INSERT INTO raw.fee VALUES (13, 1.625, '', '2026-11-27 05:37:05.354186+00');
INSERT INTO raw.fee VALUES (14, 1.750, NULL, '2026-11-27 05:37:05.354186+00');
INSERT INTO raw.fee VALUES (15, 1.875, '', '2026-11-27 05:37:05.354186+00');
INSERT INTO raw.fee VALUES (16, 2.000, NULL, '2026-11-27 05:37:05.354186+00');
INSERT INTO raw.fee VALUES (17, 2.125, '', '2026-11-27 05:37:05.354186+00');
INSERT INTO raw.fee VALUES (18, 2.250, NULL, '2026-11-27 05:37:05.354186+00');
INSERT INTO raw.fee VALUES (19, 2.375, '', '2026-11-27 05:37:05.354186+00');
INSERT INTO raw.fee VALUES (20, 2.500, NULL, '2026-11-27 05:37:05.354186+00');
INSERT INTO raw.fee VALUES (21, 2.625, '', '2026-11-27 05:37:05.647653+00');
INSERT INTO raw.fee VALUES (22, 2.750, NULL, '2026-11-27 05:37:05.647653+00');
INSERT INTO raw.fee VALUES (23, 2.875, '', '2026-11-27 05:37:05.647653+00');
INSERT INTO raw.fee VALUES (24, 3.000, NULL, '2026-11-27 05:37:05.647653+00');
INSERT INTO raw.fee VALUES (25, 3.125, '', '2026-11-27 05:37:05.647653+00');
INSERT INTO raw.fee VALUES (26, 3.250, NULL, '2026-11-27 05:37:05.647653+00');
INSERT INTO raw.fee VALUES (27, 3.375, '', '2026-11-27 05:37:05.647653+00');
INSERT INTO raw.fee VALUES (28, 3.500, NULL, '2026-11-27 05:37:05.647653+00');
INSERT INTO raw.fee VALUES (29, 3.625, '', '2026-11-27 05:37:05.647653+00');
INSERT INTO raw.fee VALUES (30, 3.750, NULL, '2026-11-27 05:37:05.647653+00');
INSERT INTO raw.fee VALUES (31, 3.875, '', '2026-11-27 05:37:05.884098+00');
INSERT INTO raw.fee VALUES (32, 4.000, NULL, '2026-11-27 05:37:05.884098+00');
INSERT INTO raw.fee VALUES (33, 4.125, '', '2026-11-27 05:37:05.884098+00');
INSERT INTO raw.fee VALUES (34, 4.250, NULL, '2026-11-27 05:37:05.884098+00');
INSERT INTO raw.fee VALUES (35, 4.375, '', '2026-11-27 05:37:05.884098+00');
INSERT INTO raw.fee VALUES (36, 4.500, NULL, '2026-11-27 05:37:05.884098+00');
INSERT INTO raw.fee VALUES (37, 4.625, '', '2026-11-27 05:37:05.884098+00');
INSERT INTO raw.fee VALUES (38, 4.750, NULL, '2026-11-27 05:37:05.884098+00');
INSERT INTO raw.fee VALUES (39, 4.875, '', '2026-11-27 05:37:05.884098+00');
INSERT INTO raw.fee VALUES (40, 5.000, NULL, '2026-11-27 05:37:05.884098+00');
INSERT INTO raw.fee VALUES (10, 99.000, NULL, '2026-11-27 05:37:07.642449+00');
INSERT INTO raw.patient VALUES (1, 'Name1', '1980-02-04', '\xc4ca4238a0b923820dcc509a6f75849b', '2020-01-01 01:00:00', '2026-11-27 05:37:05.083706+00');
INSERT INTO raw.patient VALUES (3, 'Name3', NULL, '\xeccbc87e4b5ce2fe28308fd9f2a7baf3', '2020-01-01 00:00:00', '2026-11-27 05:37:05.083706+00');
INSERT INTO raw.patient VALUES (4, 'Name4', '1980-02-07', '\xa87ff679a2f3e71d9181a67b7542122c', '2020-01-01 04:00:00', '2026-11-27 05:37:05.083706+00');
INSERT INTO raw.patient VALUES (5, 'Name5', '1980-02-08', '\xe4da3b7fbbce2345d7772b0674a318d5', '2020-01-01 05:00:00', '2026-11-27 05:37:05.083706+00');
INSERT INTO raw.patient VALUES (6, 'Name6', '1980-02-09', '\x1679091c5a880faf6fb5e6087eb1b2dc', '2020-01-01 06:00:00', '2026-11-27 05:37:05.083706+00');
INSERT INTO raw.patient VALUES (8, 'Name8', '1980-02-11', '\xc9f0f895fb98ab9159f51fd0297e236d', '2020-01-01 08:00:00', '2026-11-27 05:37:05.083706+00');
INSERT INTO raw.patient VALUES (9, 'Name9', '1980-02-12', '\x45c48cce2e2d7fbdea1afc51c7c6ad26', '2020-01-01 09:00:00', '2026-11-27 05:37:05.083706+00');
INSERT INTO raw.patient VALUES (10, 'Name10', '1980-02-13', '\xd3d9446802a44259755d38e6d163e820', '2020-01-01 10:00:00', '2026-11-27 05:37:05.083706+00');
INSERT INTO raw.patient VALUES (11, 'Name11', '1980-02-14', '\x6512bd43d9caa6e02c990b0a82652dca', '2020-01-01 11:00:00', '2026-11-27 05:37:05.353367+00');
INSERT INTO raw.patient VALUES (12, 'Name12', '1980-02-15', '\xc20ad4d76fe97759aa27a0c99bff6710', '2020-01-01 12:00:00', '2026-11-27 05:37:05.353367+00');
INSERT INTO raw.patient VALUES (13, 'Name13', '1980-02-16', '\xc51ce410c124a10e0db5e4b97fc2af39', '2020-01-01 13:00:00', '2026-11-27 05:37:05.353367+00');
INSERT INTO raw.patient VALUES (14, 'Name14', '1980-02-17', '\xaab3238922bcc25a6f606eb525ffdc56', '2020-01-01 14:00:00', '2026-11-27 05:37:05.353367+00');
INSERT INTO raw.patient VALUES (15, 'Name15', '1980-02-18', '\x9bf31c7ff062936a96d3c8bd1f8f2ff3', '2020-01-01 15:00:00', '2026-11-27 05:37:05.353367+00');
INSERT INTO raw.patient VALUES (16, 'Name16', '1980-02-19', '\xc74d97b01eae257e44aa9d5bade97baf', '2020-01-01 16:00:00', '2026-11-27 05:37:05.353367+00');
INSERT INTO raw.patient VALUES (17, 'Name17', '1980-02-20', '\x70efdf2ec9b086079795c442636b55fb', '2020-01-01 17:00:00', '2026-11-27 05:37:05.353367+00');
INSERT INTO raw.patient VALUES (18, 'Name18', '1980-02-21', '\x6f4922f45568161a8cdf4ad2299f6d23', '2020-01-01 18:00:00', '2026-11-27 05:37:05.353367+00');
INSERT INTO raw.patient VALUES (19, 'Name19', '1980-02-22', '\x1f0e3dad99908345f7439f8ffabdffc4', '2020-01-01 19:00:00', '2026-11-27 05:37:05.353367+00');
INSERT INTO raw.patient VALUES (20, 'Name20', '1980-02-23', '\x98f13708210194c475687be6106a3b84', '2020-01-01 20:00:00', '2026-11-27 05:37:05.353367+00');
INSERT INTO raw.patient VALUES (21, 'Name21', '1980-02-24', '\x3c59dc048e8850243be8079a5c74d079', '2020-01-01 21:00:00', '2026-11-27 05:37:05.648154+00');
INSERT INTO raw.patient VALUES (22, 'Name22', '1980-02-25', '\xb6d767d2f8ed5d21a44b0e5886680cb9', '2020-01-01 22:00:00', '2026-11-27 05:37:05.648154+00');
INSERT INTO raw.patient VALUES (23, 'Name23', '1980-02-26', '\x37693cfc748049e45d87b8c7d8b9aacd', '2020-01-01 23:00:00', '2026-11-27 05:37:05.648154+00');
INSERT INTO raw.patient VALUES (24, 'Name24', '1980-02-27', '\x1ff1de774005f8da13f42943881c655f', '2020-01-02 00:00:00', '2026-11-27 05:37:05.648154+00');
INSERT INTO raw.patient VALUES (25, 'Name25', '1980-02-28', '\x8e296a067a37563370ded05f5a3bf3ec', '2020-01-02 01:00:00', '2026-11-27 05:37:05.648154+00');
INSERT INTO raw.patient VALUES (2, 'Ng', '1980-02-05', '\xc81e728d9d4c2f636f067f89cc14862c', '2020-02-02 00:00:00', '2026-11-27 05:37:07.664784+00');
INSERT INTO raw.patient VALUES (26, 'New', '0001-01-01', NULL, '2020-02-03 00:00:00', '2026-11-27 05:37:07.664784+00');
INSERT INTO raw.preference VALUES ('ClinicName', 'Zähne', '2026-11-27 05:37:05.066124+00');
INSERT INTO raw.preference VALUES ('UpdateInProgressOnComputerName', '', '2026-11-27 05:37:05.066124+00');
INSERT INTO raw.preference VALUES ('Language', 'fr', '2026-11-27 05:37:07.659481+00');
INSERT INTO raw.queue VALUES ('first', 0, '2026-11-27 05:37:07.619404+00');
INSERT INTO raw.queue VALUES ('first', 0, '2026-11-27 05:37:07.619404+00');
INSERT INTO raw.rate VALUES (1, 1, '2026-11-27 05:37:05.100098+00');
INSERT INTO raw.rate VALUES (2, 0.5, '2026-11-27 05:37:05.100098+00');
INSERT INTO raw.rate VALUES (3, 0.333333333, '2026-11-27 05:37:05.100098+00');
INSERT INTO raw.rate VALUES (4, 0.25, '2026-11-27 05:37:05.100098+00');
INSERT INTO raw.rate VALUES (5, 0.2, '2026-11-27 05:37:05.100098+00');
INSERT INTO raw.rate VALUES (6, 0.166666666, '2026-11-27 05:37:05.100098+00');
INSERT INTO raw.rate VALUES (7, 0.142857142, '2026-11-27 05:37:05.100098+00');
INSERT INTO raw.rate VALUES (8, 0.125, '2026-11-27 05:37:05.100098+00');
INSERT INTO raw.rate VALUES (9, 0.111111111, '2026-11-27 05:37:05.100098+00');
INSERT INTO raw.rate VALUES (10, 0.1, '2026-11-27 05:37:05.100098+00');
INSERT INTO raw.rate VALUES (11, 0.09090909, '2026-11-27 05:37:05.356775+00');
INSERT INTO raw.rate VALUES (12, 0.083333333, '2026-11-27 05:37:05.356775+00');
INSERT INTO raw.securitylog VALUES (1, 'in', '2020-01-01 00:00:00', '2026-11-27 05:37:05.083765+00', NULL);
INSERT INTO raw.securitylog VALUES (2, 'in', '2020-01-01 00:00:00', '2026-11-27 05:37:05.083765+00', NULL);
INSERT INTO raw.securitylog VALUES (3, 'in', '2020-01-01 00:00:00', '2026-11-27 05:37:05.083765+00', NULL);
INSERT INTO raw.securitylog VALUES (4, 'in', '2020-01-01 00:00:00', '2026-11-27 05:37:05.083765+00', NULL);
INSERT INTO raw.securitylog VALUES (5, 'in', '2020-01-01 00:00:00', '2026-11-27 05:37:05.083765+00', NULL);
INSERT INTO raw.tooth VALUES (1, 6, '', '2026-11-27 05:37:05.06674+00');
INSERT INTO raw.tooth VALUES (1, 9, '', '2026-11-27 05:37:05.06674+00');
INSERT INTO raw.tooth VALUES (2, 1, '', '2026-11-27 05:37:05.06674+00');
INSERT INTO raw.tooth VALUES (2, 4, '', '2026-11-27 05:37:05.06674+00');
INSERT INTO raw.tooth VALUES (2, 7, '', '2026-11-27 05:37:05.06674+00');
INSERT INTO raw.tooth VALUES (3, 2, '', '2026-11-27 05:37:05.06674+00');
INSERT INTO raw.tooth VALUES (3, 5, '', '2026-11-27 05:37:05.06674+00');
INSERT INTO raw.tooth VALUES (3, 8, '', '2026-11-27 05:37:05.06674+00');
INSERT INTO raw.userod VALUES (1, 'user1', 'c90b668a525f3dbf19ce5bd809a65b8f20e86c95f149505979bc8bf8e634099d', '2026-11-27 05:37:05.066274+00');
INSERT INTO raw.userod VALUES (2, 'user2', 'fd9b2d873c53b1bb5412f31a1014abeb3ca8f9e0e265d2117d70ec6214a75fa9', '2026-11-27 05:37:05.066274+00');
INSERT INTO raw.userod VALUES (3, 'user3', 'ff33103e3aca5a9b7ac53a1987b94f974e92a279dc0639e004936ce9481b7310', '2026-11-27 05:37:05.066274+00');
INSERT INTO raw.userod VALUES (4, 'user4', '9daefd634008140bd430c7bbf5f73b4e9d3e7ebc047828335bb7f1e25bccf6a1', '2026-11-27 05:37:05.066274+00');
INSERT INTO raw.zipcode VALUES ('12345', 'Ulm', '2026-11-27 05:37:07.637468+00');
INSERT INTO raw.zipcode VALUES ('12345', 'Ulm', '2026-11-27 05:37:07.637468+00');
INSERT INTO raw.zipcode VALUES (NULL, '', '2026-11-27 05:37:07.637468+00');
ALTER TABLE ONLY raw._dlt_pipeline_state
    ADD CONSTRAINT _dlt_pipeline_state__dlt_id_key UNIQUE (_dlt_id);
ALTER TABLE ONLY raw.appointment
    ADD CONSTRAINT appointment_pkey PRIMARY KEY ("AptNum");
ALTER TABLE ONLY raw.claim
    ADD CONSTRAINT claim_pkey PRIMARY KEY ("ClaimNum");
ALTER TABLE ONLY raw.definition
    ADD CONSTRAINT definition_pkey PRIMARY KEY ("DefNum");
ALTER TABLE ONLY raw.document
    ADD CONSTRAINT document_pkey PRIMARY KEY ("DocNum");
ALTER TABLE ONLY raw.etl_fence
    ADD CONSTRAINT etl_fence_pkey PRIMARY KEY (id);
ALTER TABLE ONLY raw.etl_load_status
    ADD CONSTRAINT etl_load_status_pkey PRIMARY KEY (table_name);
ALTER TABLE ONLY raw.etl_runs
    ADD CONSTRAINT etl_runs_pkey PRIMARY KEY (run_id);
ALTER TABLE ONLY raw.etl_table_runs
    ADD CONSTRAINT etl_table_runs_pkey PRIMARY KEY (run_id, table_name, hop);
ALTER TABLE ONLY raw.fee
    ADD CONSTRAINT fee_pkey PRIMARY KEY ("FeeNum");
ALTER TABLE ONLY raw.patient
    ADD CONSTRAINT patient_pkey PRIMARY KEY ("PatNum");
ALTER TABLE ONLY raw.preference
    ADD CONSTRAINT preference_pkey PRIMARY KEY ("PrefName");
ALTER TABLE ONLY raw.rate
    ADD CONSTRAINT rate_pkey PRIMARY KEY ("RateNum");
ALTER TABLE ONLY raw.securitylog
    ADD CONSTRAINT securitylog_pkey PRIMARY KEY ("LogNum");
ALTER TABLE ONLY raw.tooth
    ADD CONSTRAINT tooth_pkey PRIMARY KEY ("PatNum", "Tooth");
ALTER TABLE ONLY raw.userod
    ADD CONSTRAINT userod_pkey PRIMARY KEY ("UserNum");
