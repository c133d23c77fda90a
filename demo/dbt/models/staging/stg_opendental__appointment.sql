select
    "AptNum" as appointment_id,
    nullif("PatNum", 0) as patient_id,
    nullif("ProvNum", 0) as provider_id,
    nullif("ClinicNum", 0) as clinic_id,
    "AptStatus" as appointment_status,
    nullif("AptDateTime", '0001-01-01') as starts_at,
    -- a letter for each five minutes
    length("Pattern") * 5 as minutes,
    nullif("DateTimeArrived", '0001-01-01') as arrived_at,
    "DateTStamp" as updated_at,
    _loaded_at as loaded_at
from {{ source('opendental', 'appointment') }}
