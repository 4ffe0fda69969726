"""Tries one project call by call and says in plain words what each answer means. How that is shown is not its business."""
