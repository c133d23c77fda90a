"""Takes the views on a table of raw down and puts them up again, within one transaction.

PostgreSQL changes no column that a view uses. dbt's views have to outlive an upgrade of OpenDental
all the same, with their owners, rights and comments.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import psycopg2

from opendental_pipeline.databases.driver_errors import reason
from opendental_pipeline.settings.errors import SchemaError

_VIEWS = """
    WITH RECURSIVE above (oid, depth) AS (
        SELECT {table}::regclass::oid, 0
        UNION
        SELECT r.ev_class, above.depth + 1
        FROM above
        JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = above.oid
                        AND d.classid = 'pg_rewrite'::regclass
        JOIN pg_rewrite r ON r.oid = d.objid AND r.ev_class <> above.oid
    ), depths AS (
        SELECT oid, max(depth) AS depth FROM above GROUP BY oid
    ), views AS (
        SELECT c.oid, depths.depth, format('%I.%I', n.nspname, c.relname) AS name,
               CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'MATERIALIZED VIEW' END AS kind,
               coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', '') AS options,
               c.relowner, c.relacl
        FROM depths JOIN pg_class c ON c.oid = depths.oid AND c.relkind IN ('v', 'm')
        JOIN pg_namespace n ON n.oid = c.relnamespace
    ), grants AS (
        SELECT views.oid, acl.*, '' AS columns FROM views, aclexplode(views.relacl) acl
        UNION ALL
        SELECT views.oid, acl.*, format(' (%I)', a.attname)
        FROM views JOIN pg_attribute a ON a.attrelid = views.oid, aclexplode(a.attacl) acl
    ), statements (oid, step, sql) AS (
        SELECT oid, 1, format('CREATE %s %s%s AS %s', kind, name, options,
                              rtrim(pg_get_viewdef(oid), ';')) FROM views
        UNION ALL
        SELECT views.oid, 2, pg_get_indexdef(i.indexrelid)
        FROM views JOIN pg_index i ON i.indrelid = views.oid
        UNION ALL
        SELECT views.oid, 3, format('GRANT %s%s ON %s TO %s%s', privilege_type, columns, name,
               CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END,
               CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
        FROM grants JOIN views ON views.oid = grants.oid WHERE grantee <> relowner
        UNION ALL
        SELECT views.oid, 4, CASE d.objsubid WHEN 0
               THEN format('COMMENT ON %s %s IS %L', kind, name, d.description)
               ELSE format('COMMENT ON COLUMN %s.%I IS %L', name, a.attname, d.description) END
        FROM views JOIN pg_description d ON d.objoid = views.oid
                                        AND d.classoid = 'pg_class'::regclass
        LEFT JOIN pg_attribute a ON a.attrelid = views.oid AND a.attnum = d.objsubid
        UNION ALL
        SELECT oid, 5, format('ALTER %s %s OWNER TO %I', kind, name, pg_get_userbyid(relowner))
        FROM views WHERE pg_get_userbyid(relowner) <> current_user
    )
    SELECT name, format('DROP %s %s', kind, name),
           array_agg(sql ORDER BY step, sql),
           EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgrelid = views.oid)
           OR 1 < (SELECT count(*) FROM pg_rewrite r WHERE r.ev_class = views.oid)
    FROM views JOIN statements USING (oid) GROUP BY views.oid, name, kind, depth
    ORDER BY depth, name"""


class Cursor(Protocol):
    """What is needed of a cursor on PostgreSQL."""

    def execute(self, sql: str) -> None: ...
    def fetchall(self) -> Any: ...


@dataclass(frozen=True)
class View:
    """One view, as the statements that remove and make it.

    Attributes:
        special: whether it has triggers or rules, which those statements would not bring back.
    """

    name: str
    drop: str
    create: tuple[str, ...]
    special: bool


@dataclass(frozen=True)
class Views:
    """The views that read a table, directly or through others; the lowest first."""

    views: tuple[View, ...]

    @classmethod
    def on(cls, cursor: Cursor, table: str) -> "Views":
        """Those on a table.

        Args:
            cursor: on PostgreSQL, in an open transaction.
            table: its quoted name, with its schema.
        """
        quoted = table.replace("'", "''")
        cursor.execute(_VIEWS.format(table=f"'{quoted}'"))
        return cls(tuple(View(n, d, tuple(c), s) for n, d, c, s in cursor.fetchall()))

    def drop(self, cursor: Cursor) -> None:
        """Takes them down.

        Raises:
            SchemaError: one of them has triggers or rules, or belongs to somebody else.
        """
        if special := [view.name for view in self.views if view.special]:
            raise SchemaError(
                f"its columns change, and views on it have triggers or rules: {', '.join(special)};"
                " drop these views, and make them again after the next run"
            )
        for view in reversed(self.views):
            _execute(cursor, view.drop, f"the view {view.name} on it cannot be taken down")

    def create(self, cursor: Cursor) -> None:
        """Puts them up again.

        Raises:
            SchemaError: one of them does not fit the table as it is now.
        """
        for view in self.views:
            for statement in view.create:
                _execute(cursor, statement, f"the view {view.name} does not fit the new ones")


NO_VIEWS = Views(())
"""None at all."""


def _execute(cursor: Cursor, statement: str, problem: str) -> None:
    try:
        cursor.execute(statement)
    except psycopg2.OperationalError:
        raise
    except psycopg2.DatabaseError as error:
        raise SchemaError(f"its columns change, and {problem}: {reason(error)}") from None
