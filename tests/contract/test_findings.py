"""What trying the platform from outside has shown, and the test that holds the right value of each finding.

Every clause of the list of findings stands here in plain words beside the tests that failed before it was mended. A test that is renamed or
removed is missed here, and what attacks found is part of the fault matrix (`make faults`). ``file: name`` is tests/file.py, test_name.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.faults import matrix

TESTS = Path(__file__).parents[1]
Clauses = dict[str, str | tuple[str, ...]]

ATTACKS: dict[str, Clauses] = {
    "1. the audit trail cannot be stopped": {
        "what is recorded is cleaned and bounded": "faults/test_gateway_attacks: what_people_write_is_cleaned_before_it_is_a_row",
        "a row that is refused is set aside, counted, and holds up no other": (
            "faults/test_gateway_attacks: kill_9_of_the_gateway_loses_no_row_and_doubles_none"
        ),
        "404 and 405 without a credential make no rows, a flood stops no write": (
            "faults/test_gateway_attacks: a_flood_of_strangers_makes_no_rows_and_stops_no_write"
        ),
        "the queue survives kill -9": "faults/test_gateway_attacks: kill_9_of_the_gateway_loses_no_row_and_doubles_none",
    },
    "2. the release gate cannot be forged": {
        "evidence comes from evaluations that deploy started": (
            "faults/test_forged_gate: the_attack_that_worked_before",
            "unit/eval/test_service: only_deploy_asks_for_a_release",
            "unit/model/test_service: a_release_is_judged_by_its_own_evaluation_alone",
        ),
        "against an instance that its own node vouches for": (
            "unit/eval/test_endpoint: an_instance_of_ours_proves_itself_with_every_answer",
            "unit/deploy/test_node: a_process_that_serves_something_else_is_refused",
        ),
        "other evaluations inform and never decide": (
            "unit/eval/test_worker: what_a_person_named_informs_and_decides_nothing",
            "unit/model/test_gate: what_nobody_vouches_for_decides_nothing",
        ),
        "nothing of another caller is reused as evidence": "unit/eval/test_service: nothing_stands_in_for_a_release",
        "the smoke answers are compared with the trained model's": (
            "unit/deploy/test_release: a_process_must_answer_as_the_trained_model_did",
            "unit/deploy_engine/test_smoke: one_wrong_answer_fails_and_is_shown",
        ),
        "no sequence of public calls with a lying server reaches traffic": (
            "faults/test_forged_gate: no_sequence_of_public_calls_reaches_traffic_with_a_failing_model"
        ),
    },
    "3. a model trained on its test does not pass": {
        "ancestry is followed": (
            "faults/test_trained_on_its_test: whichever_way_the_test_came_into_training_the_gate_says_no",
            "unit/eval/test_overlap: of_one_line_is_what_was_made_of_the_other",
        ),
        "contents are compared: shared records and near copies": (
            "faults/test_trained_on_its_test: whichever_way_the_test_came_into_training_the_gate_says_no",
            "unit/eval/test_overlap: what_repeats_and_what_only_looks_alike",
        ),
        "they block the gate and are shown": (
            "unit/model/test_gate: a_test_that_repeats_training_data_fails_whatever_the_score",
            "unit/model/test_service: the_status_shows_how_the_test_repeats_training_data",
        ),
    },
    "4. slow bodies and huge headers": {
        "bodies have a deadline and block nobody": "faults/test_gateway_attacks: bodies_that_never_end_take_nobodys_place",
        "what is not read yet is not in flight": (
            "unit/gateway/test_admission: a_request_whose_body_is_on_its_way_takes_no_place_and_finds_one_when_it_is_there"
        ),
        "unfinished headers are closed": "faults/test_gateway_attacks: heads_that_never_end_are_closed_and_keep_nobody_out",
        "a header without measure holds nobody up": "faults/test_gateway_attacks: headers_without_measure_hold_nobody_up",
        "431 above 64 KiB": "faults/test_gateway_attacks: 64_kib_is_the_bound",
    },
    "5. one import folder per space": {
        "no path leads into another's": "faults/test_foreign_imports: no_path_leads_into_the_folder_of_another_space",
        "uploads neither": "unit/dataset/test_uploads: one_space_never_reaches_the_files_of_another",
    },
}

HIGH: dict[str, Clauses] = {
    "6. services call the Thrift doors": {
        "service accounts have keys: made, listed, rotated, revoked by command": (
            "unit/client/test_cli: every_command_works_on_what_the_gateway_answers",
            "integration/test_thrift_clients: a_key_is_exchanged_over_http_and_on_the_command_line",
            "unit/identity/test_service_accounts: rotation_overlaps_and_then_ends_the_old_key",
        ),
        "and by API": "integration/test_openapi: an_operation_answers_as_its_document_says",
        "they act for a user only where allowed": (
            "unit/identity/test_service_accounts: it_acts_for_a_member_only_where_that_is_allowed_and_with_what_both_may"
        ),
        "an exchange gives a signed identity": (
            "unit/identity/test_service_accounts: a_key_is_exchanged_for_an_identity_that_one_service_believes"
        ),
        "docs/thrift.md: framing, auth, deadlines, repeats, ids, errors": (
            "integration/test_thrift_clients: the_page_says_all_that_a_caller_needs"
        ),
        "every *_json field": "integration/test_thrift_clients: every_json_field_of_the_contract_is_explained",
        "examples in five languages run": (
            "integration/test_thrift_clients: the_page_has_an_example_in_every_language",
            "integration/test_thrift_clients: an_example_of_the_page_runs",
        ),
        "a namespace per language, no class overwritten": "contract/test_namespaces: no_class_is_written_twice",
    },
    "7. names under /v1": {
        "a renamed model stays": "unit/model/test_naming: a_renamed_model_keeps_its_old_names_until_somebody_takes_them",
        "id, name@version and alias": "integration/test_chain: a_model_answers_under_all_its_names",
        "all are listed, one is described": "integration/test_chain: every_model_that_is_online_is_listed_however_many_there_are",
    },
    "8. a record's id is its content": {
        "whatever the folder": (
            "unit/dataset_engine/test_records: the_id_is_a_function_of_the_content_alone",
            "unit/dataset_engine/test_importing: the_folder_a_file_lies_in_is_no_part_of_its_records",
        ),
        "the same content hash": "unit/dataset_engine/test_records: the_content_hash_does_not_depend_on_order_or_sharding",
        "the same seeded split": "unit/dataset_engine/test_splitting: the_seed_decides_and_the_order_does_not",
    },
    "9. a neighbour's outage": {
        "the queue waits it out": "faults/test_outage: a_queue_waits_out_a_neighbour_that_is_away",
        "reason WAIT_DEPENDENCY, no attempt": "unit/tasks/test_lifecycle: an_outage_costs_no_attempt_however_long_it_lasts",
        "the worker backs off": "unit/tasks/test_outage: pauses_double_up_to_the_longest_and_begin_anew_once_something_worked",
        "POISON means what it says": "unit/tasks/test_lifecycle: poison_is_a_task_whose_process_died_at_the_last_attempt_too",
    },
    "10. a full disk": {
        "ends nothing, refuses writes with 507, goes on by itself": "faults/test_disk_full: a_full_disk_ends_nothing",
        "the supervisor lives on": "unit/client/test_supervisor: a_full_disk_is_no_end_of_the_platform",
        "work under it waits": "unit/tasks/test_worker: a_full_disk_under_the_work_is_waited_out",
        "a log on it is no failure": "unit/common/test_logs: a_log_on_a_full_disk_is_no_failure_and_says_what_is_missing",
    },
    "11. failed answers are in the log": {
        "one line each, found by request id": "integration/test_gateway_in_operation: every_refusal_is_one_line_that_its_request_id_finds",
        "in the service too": "integration/test_gateway_in_operation: what_a_service_refuses_or_fails_is_a_line_in_its_own_log_too",
        "serving processes have lines and spans": (
            "unit/deploy_engine/test_process: a_refusal_is_one_line_and_traffic_is_a_span_below_the_callers"
        ),
    },
    "12. restarts": {
        "503 with Retry-After while a version is ONLINE": "integration/test_chain: a_model_whose_process_restarts_is_not_gone",
        "the gateway turns unready, waits, then drains": (
            "integration/test_gateway_in_operation: a_stop_is_told_and_requests_are_still_answered"
        ),
        "the manifests give it the time": (
            "images/test_manifests: who_drains_is_not_killed",
            "contract/test_compose_files: who_drains_is_not_killed",
        ),
    },
    "13. gray and the cluster": {
        "gray is doors of the same platform": (
            "integration/test_gray_doors: either_door_is_the_same_platform",
            "images/test_gray: it_stands_on_productions_settings_secrets_volume_and_accounts",
        ),
        "workers grow with the queue": "images/test_manifests: workers_grow_with_the_queue_and_doors_with_their_load",
        "metrics are not public": "images/test_manifests: from_outside_only_the_gateway_is_reached",
        "what replicas share is counted once": "contract/test_alerts: what_replicas_share_is_counted_once",
        "alert rules": "contract/test_alerts: every_alert_says_in_both_languages_what_is_and_where_it_stands_what_to_do",
        "egress to databases, collectors, node-local DNS": (
            "images/test_gray: stores_outside_the_cluster_are_a_component",
            "images/test_manifests: every_pod_may_ask_the_name_service_also_a_cache_on_its_node",
        ),
    },
}

CASES: dict[str, Clauses] = {
    "01 tables of spreadsheets": {
        "they arrive": "unit/dataset_engine/test_tables: an_everyday_table_arrives",
        "quotes and line breaks stay": "unit/dataset_engine/test_tables: cells_keep_their_quotes_line_breaks_and_signs",
        "or the sentence names the cause": "unit/dataset_engine/test_bad_files: the_sentence_says_what_is_the_matter_and_what_to_do",
    },
    "02 own ids": {
        "id and source of the row are kept": "unit/dataset_engine/test_importing: what_a_row_calls_id_and_source_itself_is_kept",
        "equal rows": "unit/dataset_engine/test_importing: equal_rows_are_one_record_several_times",
    },
    "03 notes are no pages": {"": "unit/dataset_engine/test_strip_html: text_that_speaks_of_tags_is_no_page"},
    "04 markup in answers": {"": "unit/dataset_engine/test_strip_html: all_means_every_text_that_is_said"},
    "05 eight languages": {
        "good prose stays": "unit/dataset_engine/test_low_quality: good_prose_stays_in_any_language",
        "spam goes": "unit/dataset_engine/test_low_quality: spam_goes_in_any_language",
    },
    "06 words wherever they are said": {"": "unit/dataset_engine/test_noncompliant: a_word_is_found_wherever_it_is_said"},
    "07 personal data in other spellings": {
        "": "unit/dataset_engine/test_noncompliant: personal_data_in_another_spelling_is_the_same",
        "what only looks like it stays": "unit/dataset_engine/test_noncompliant: personal_data_is_masked_only_when_it_is_real",
    },
    "08 empty turns": {
        "dropped with a reason": "unit/dataset_engine/test_conversion: a_conversation_in_which_somebody_says_nothing_is_dropped",
        "and no end of a training": "unit/train_engine/test_data: a_turn_without_words_leaves_its_record_out_and_not_the_training",
    },
    "09 system prompt and history": {
        "trained on": "unit/train_engine/test_data: what_was_said_before_is_part_of_the_prompt_and_not_learned",
        "asked with": "unit/eval/test_endpoint: system_prompt_and_earlier_turns_are_asked_with",
        "released with": "unit/deploy/test_build: questions_bring_their_system_prompt_and_earlier_turns",
    },
    "10 odd roles and orders": {
        "known by other names": "unit/dataset_engine/test_conversion: roles_are_known_by_their_other_names",
        "or dropped with a reason": "unit/dataset_engine/test_conversion: what_is_no_conversation_is_dropped_with_its_reason",
    },
    "11 10² is not 102": {
        "in scores": "unit/eval/test_metrics: exact_match",
        "in copies": "unit/dataset_engine/test_deduplicate: a_raised_sign_and_another_conversation_make_another_record",
        "in leaks": "unit/eval/test_overlap: what_repeats_and_what_only_looks_alike",
    },
    "12 null fields sent back": {"": "unit/deploy_engine/test_server: an_answer_can_be_sent_back_as_the_library_dumps_it"},
    "13 /v1/models": {
        "all listed, one described": "integration/test_chain: every_model_that_is_online_is_listed_however_many_there_are",
        "in the API document": "unit/gateway/test_openai_door: the_document_describes_the_door",
    },
    "14 separators and emoji in streams": {
        "streamed is unstreamed": "unit/deploy_engine/test_server: a_stream_is_the_same_answer_in_whole_characters",
        "in the SDK": "unit/client/test_sdk: characters_that_some_take_for_line_ends_stay_inside_an_event",
        "and in a release": "unit/deploy_engine/test_smoke: the_first_answer_may_hold_emoji_and_separators",
    },
    "15 one shape of errors": {
        "gateway and process": "integration/test_chain: the_gateway_and_the_process_refuse_in_one_shape",
        "codes of every refusal": "unit/gateway/test_openai_door: codes_that_clients_act_on",
    },
    "16 changes in the same moment": {
        "versions": "integration/test_concurrent_changes: versions_made_at_once_are_numbered_without_gap",
        "one winner": "integration/test_concurrent_changes: of_changes_decided_on_one_version_one_wins_and_is_kept",
        "one name": "integration/test_concurrent_changes: a_name_asked_for_at_once_is_taken_once",
    },
}

MEDIUM: dict[str, Clauses] = {
    "keys": {
        "none outlives its parent": "unit/identity/test_keys: a_key_made_with_a_key_neither_outlives_nor_exceeds_it_and_ends_with_it",
        "owner and administrator see and end them": "unit/identity/test_keys: owners_and_administrators_list_and_end_keys_of_others",
        "a password reset ends them": "unit/identity/test_keys: a_new_password_ends_keys_and_sessions_and_says_how_many",
        "a returning account has none back": "unit/identity/test_keys: what_a_disabled_account_had_does_not_come_back",
    },
    "names of what one may not see": {
        "are taken": "unit/dataset/test_service: a_name_is_taken_also_by_what_one_may_not_see",
        "find returns the older": "unit/dataset/test_service: of_two_that_were_made_under_one_name_before_the_older_one_is_found",
    },
    "addresses that people name": {
        "one guard": (
            "contract/test_outside: every_address_that_people_may_name_is_guarded_or_only_kept",
            "contract/test_outside: nobody_else_can_ask_an_address",
        ),
        "nothing private unless listed": (
            "unit/common/test_outside: what_is_private_is_out_of_reach_however_it_is_named",
            "unit/common/test_outside: the_list_of_the_operator_decides",
        ),
        "no port scanner by different errors": (
            "unit/eval/test_service: addresses_the_operator_did_not_list_are_refused_alike",
            "unit/eval/test_endpoint: a_server_somebody_named_fails_in_one_way_only",
        ),
    },
    "the serving port": {
        "asks for the instance's key": (
            "unit/deploy_engine/test_admission: nobody_without_the_key_is_answered",
            "unit/deploy_engine/test_admission: it_does_not_start_without_a_key",
        ),
        "viewers see no address": "integration/test_chain: nobody_is_told_where_a_model_is_served",
    },
    "odd requests": {
        "spaces of zeros and nines, CSRF of nothing": (
            "integration/test_gateway_in_operation: every_refusal_is_one_line_that_its_request_id_finds"
        ),
        "a path of 300 dots": (
            "integration/test_chain: files_are_imported_and_bad_ones_named",
            "faults/test_foreign_imports: no_path_leads_into_the_folder_of_another_space",
        ),
    },
    "lineage and text of others": {
        "no foreign or missing data": (
            "integration/test_two_tenants: no_lineage_names_data_of_others_or_of_nobody",
            "unit/model/test_service: only_training_says_what_a_version_is_trained_on",
        ),
        "no control character in names": "unit/common/test_validation: no_name_is_anything_but_a_line",
        "no raw ESC in a terminal": "unit/client/test_terminal: lists_objects_notes_and_failures_show_it_and_do_nothing",
    },
    "answers of the gateway": {
        "nosniff, cache, framing": "integration/test_gateway_in_operation: every_answer_has_the_headers_of_the_table_once",
        "who leaves is no error": "integration/test_gateway_in_operation: a_client_that_leaves_is_no_error",
        "the command line says the true cause": "unit/client/test_cli: the_true_cause_is_said",
    },
    "what training leaves out": {
        "counted and listed": "unit/train/test_worker: all_that_was_left_out_can_be_read_page_by_page",
        "warned about before": (
            "unit/train/test_worker: what_is_left_out_is_foreseen_counted_and_listed",
            "unit/client/test_left_out: most_of_the_data_left_out_is_said_with_the_way_out",
        ),
        "a bound fails the task, with its list": "unit/train/test_worker: a_training_that_would_leave_most_out_fails_before_its_first_step",
        "any data can be split by default": "unit/dataset_engine/test_splitting: by_default_any_data_can_be_split",
        "duplicate questions say the way out": "unit/dataset_engine/test_splitting: repeated_questions_are_refused_with_the_way_out",
        "the quality rule fits the kind": "unit/dataset_engine/test_low_quality: questions_and_answers_may_be_short",
        "a rule that drops most asks": "unit/dataset/test_worker: a_rule_that_drops_most_asks_first",
    },
    "@latest and parts": {
        "never surprises": "unit/dataset/test_service: latest_is_what_the_last_step_made_whatever_its_number",
        "@train and @test": "unit/client/test_cli: the_input_of_a_task",
        "no empty version": "unit/train/test_service: a_cancelled_task_leaves_no_empty_version",
        "the latest model was trained": "unit/client/test_cli: the_latest_model_is_one_that_was_trained",
    },
    "states that agree": {
        "status and gate": "unit/model/test_states: the_status_judges_what_was_evaluated_last",
        "a deleted model": "unit/eval/test_service: a_deleted_model_is_evaluated_no_more",
        "a metric there is not": "unit/model/test_service: a_rule_on_a_metric_nobody_measures_is_refused_with_the_list",
    },
    "messages that help": {
        "objects of objects, other columns": "unit/dataset_engine/test_bad_files: the_sentence_says_what_is_the_matter_and_what_to_do",
        "a config by name": "unit/client/test_cli: a_config_is_given_by_id_or_by_model_and_name",
        "no eval config": "unit/client/test_cli: a_deployment_says_what_judges_it",
        "password and session": "integration/test_sign_in: each_way_to_be_refused_says_what_to_do",
        "ask without a model": "unit/client/test_cli: a_question_to_nobody_says_who_could_be_asked",
        "a taken port names its setting": "unit/client/test_supervisor: a_foreign_process_on_a_port_is_not_taken_for_a_part",
        "artifacts that are gone": "unit/common/test_storage: a_store_that_is_away_is_named_and_not_made_anew",
        "every reason says what to do": "unit/common/test_messages: every_reason_says_what_to_do_next",
        "options are listed": (
            "contract/test_options: every_option_says_what_it_means_and_is_checked_as_it_is_listed",
            "contract/test_options: the_schemas_are_what_the_services_take",
        ),
        "the SDK has the CLI's settings": "unit/client/test_sdk: what_is_not_given_comes_from_the_settings_of_the_command_line",
        "Chinese is Chinese": (
            "unit/common/test_phrases: every_limit_and_cause_the_product_names_has_its_chinese",
            "unit/client/test_tongue: wrong_usage_is_said_in_the_language_that_was_asked_for",
            "unit/client/test_tongue: the_help_of_every_command_is_in_the_language_that_was_asked_for",
        ),
    },
    "ready": {
        "of the gateway": "integration/test_gateway_in_operation: readiness_is_that_of_every_service",
        "of up": "unit/client/test_supervisor: ready_means_all_at_once",
    },
    "the seed's tables": {
        "comments, order, collation, defaults": "unit/mysql/test_seed: the_table_is_the_seeds_and_what_was_added_comes_behind",
        "a row of its shape is taken": "unit/mysql/test_seed: a_row_of_the_seeds_shape_is_taken_and_read",
    },
    "operations": {
        "backup and restore while it runs": "integration/test_backup: a_platform_at_work_is_backed_up_and_restored",
        "one moment, both stores": "unit/backup/test_backup: it_is_one_moment_while_others_write",
        "upgrade": "unit/backup/test_backup: a_backup_of_before_an_upgrade_is_brought_up_to_date",
        "uninstall": "unit/backup/test_backup: nothing_is_written_outside_the_home",
        "doctor says migrate": "unit/mysql/test_before_migrate: before_migrate_the_doctor_says_migrate",
        "missing rights are named": "unit/mysql/test_before_migrate: rights_that_lack_are_named_and_granted_ones_are_enough",
        "compose restarts, has limits": (
            "contract/test_compose_files: everything_but_the_migrations_comes_back",
            "contract/test_compose_files: every_container_has_bounds_and_keeps_little_of_its_log",
        ),
        "and the packet size": "contract/test_compose_files: the_store_has_what_the_document_demands",
        "kubernetes.md is complete": "images/test_manifests: the_commands_of_the_document_are_complete",
        "stale views are swept": "unit/common/test_discovery: views_that_killed_processes_left_half_written_are_swept",
        "no false lost lease": (
            "unit/tasks/test_worker: leaving_a_task_is_no_lost_lease",
            "unit/deploy/test_worker: giving_an_order_back_is_no_lost_lease",
        ),
        "no setuid, no apt in images": "images/test_images: nothing_in_an_image_installs_or_becomes_anybody_else",
        "a bench says what it needs": "unit/test_needs: a_bench_says_what_it_needs",
    },
}

ALL = {**ATTACKS, **HIGH, **CASES, **MEDIUM}
LINES = [(point, clause, tests) for point, clauses in ALL.items() for clause, tests in clauses.items()]


def named(tests: str | tuple[str, ...]) -> list[tuple[Path, str]]:
    """(file, name of the test) of each."""
    both = [each.split(": ") for each in ([tests] if isinstance(tests, str) else tests)]
    return [(TESTS / f"{file}.py", f"test_{name}") for file, name in both]


@cache
def functions_of(file: Path) -> frozenset[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize(("point", "clause", "tests"), LINES, ids=[f"{point}: {clause}" for point, clause, _ in LINES])
def test_a_finding_has_its_test(point: str, clause: str, tests: str | tuple[str, ...]) -> None:
    lacking = [f"{file.relative_to(TESTS)}: {name}" for file, name in named(tests) if name not in functions_of(file)]
    assert not lacking, f"{point}: {clause}"


def test_the_sixteen_cases_are_here_and_run_in_make_test() -> None:
    assert [point[:2] for point in CASES] == [f"{number:02d}" for number in range(1, 17)]
    assert not [file for clauses in CASES.values() for tests in clauses.values() for file, _ in named(tests) if "images" in file.parts]


@pytest.mark.parametrize("point", ATTACKS)
def test_an_attack_is_part_of_the_matrix(point: str) -> None:
    """The one whose name says so, for each point: the files or folders that ``make faults`` runs hold it."""
    run = [TESTS.parent / path for path in matrix.TESTS]
    files = {file for tests in ATTACKS[point].values() for file, _ in named(tests)}
    attacks = [file for file in files if file.parent == TESTS / "faults" and any(path in (file, *file.parents) for path in run)]
    assert attacks
    assert all("evidence(" in file.read_text(encoding="utf-8") for file in attacks), "and leaves its figures in the table"
