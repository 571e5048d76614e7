"""What a person, a program or the clock may ask of generation."""

from generation.services.canaries import end_canary, promote_canary, start_canary
from generation.services.checkpoints import (
    activate_checkpoint,
    active_checkpoint,
    ensure_starter_checkpoint,
    measure_checkpoint,
    roll_back,
)
from generation.services.runs import (
    close_campaign,
    move_in_queue,
    requeue_lost_jobs,
    retry_run,
    start_due_runs,
    start_run,
)
from generation.services.trainings import (
    forget_training,
    resume_training,
    start_nightly_training,
    start_training,
    stop_training,
)

__all__ = [
    "activate_checkpoint",
    "active_checkpoint",
    "close_campaign",
    "end_canary",
    "ensure_starter_checkpoint",
    "forget_training",
    "measure_checkpoint",
    "move_in_queue",
    "promote_canary",
    "requeue_lost_jobs",
    "resume_training",
    "retry_run",
    "roll_back",
    "start_canary",
    "start_due_runs",
    "start_nightly_training",
    "start_run",
    "start_training",
    "stop_training",
]
