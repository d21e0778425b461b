"""What the concierge can do besides talking."""


def weather(day: str) -> dict:
    return {"day": day, "sky": "mostly sunny", "degrees": 19}


def wake_up_call(hour: int) -> dict:
    return {"hour": hour, "set": True}


def call(name: str, arguments: dict) -> dict:
    """Call a tool. What goes wrong is told to the model, which can then say so."""
    try:
        return {"weather": weather, "wake_up_call": wake_up_call}[name](**arguments)
    except (KeyError, TypeError) as error:
        return {"error": f"{name}: {error}"}


def tool(name: str, description: str, **parameters: dict) -> dict:
    """The definition of a tool, all of whose parameters are required."""
    schema = {"type": "object", "properties": parameters, "required": list(parameters)}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": schema}}


TOOLS = [
    tool("weather", "The weather at the hotel.", day={"type": "string", "description": "today or tomorrow"}),
    tool("wake_up_call", "Have the guest called in the morning.", hour={"type": "integer", "minimum": 5, "maximum": 11}),
    tool("end_call", "End the call. Say goodbye first."),
]
