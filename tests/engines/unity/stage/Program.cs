// Owns the components' test: the tavern's characters as game objects, in front of a real sidecar.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using EmotionRuntime.Unity;
using UnityEngine;

namespace EmotionRuntime.Stage
{
    internal static class Program
    {
        private static readonly Stage Stage = new Stage();
        private static readonly Dictionary<string, EmotionCharacter> People = new Dictionary<string, EmotionCharacter>();

        public static int Main(string[] arguments)
        {
            EmotionSidecar sidecar = Sidecar();
            foreach (string id in new[] { "guard", "merchant", "child", "thief" })
            {
                Person(id);
            }
            if (arguments[0] == "start")
            {
                Stage.Set(sidecar, "startSidecar", true);
                Stage.Set(sidecar, "executable", arguments[1]);
                return Started(sidecar);
            }
            Stage.Set(sidecar, "port", int.Parse(arguments[1]));
            return arguments[0] == "cycles" ? Cycles(sidecar, int.Parse(arguments[2])) : Insult(sidecar);
        }

        private static EmotionSidecar Sidecar()
        {
            var holder = new GameObject("sidecar");
            EmotionSidecar sidecar = holder.AddComponent<EmotionSidecar>();
            holder.AddComponent<EmotionOverlay>();
            sidecar.StatusChanged.AddListener(text => Console.WriteLine("status " + text));
            Stage.Add(holder);
            return sidecar;
        }

        private static void Person(string id)
        {
            var body = new GameObject(id);
            EmotionCharacter character = body.AddComponent<EmotionCharacter>();
            character.Id = id;
            character.ActionStarted.AddListener((rule, bearer) => Say("started", id, rule, bearer));
            character.ActionStopped.AddListener((rule, reason) => Say("stopped", id, rule, reason));
            character.FeelingChanged.AddListener(feeling => Say("feels", id, feeling, ""));
            SkinnedMeshRenderer mesh = body.AddComponent<SkinnedMeshRenderer>();
            bool arkit = id == "child";
            mesh.sharedMesh = arkit
                ? new Mesh("Basis", "browInnerUp", "eyeWide_L", "eyeWideRight", "head.jawOpen", "mouthStretchLeft")
                : new Mesh("Fcl_ALL_Angry", "Fcl_ALL_Joy");
            body.AddComponent<EmotionFace>();
            Animator animator = body.AddComponent<Animator>();
            animator.parameters = new[]
            {
                new AnimatorControllerParameter { name = "fear", type = AnimatorControllerParameterType.Float },
                new AnimatorControllerParameter { name = "flee", type = AnimatorControllerParameterType.Trigger },
                new AnimatorControllerParameter { name = "acting", type = AnimatorControllerParameterType.Bool },
            };
            EmotionAnimator bound = body.AddComponent<EmotionAnimator>();
            Stage.Set(bound, "bindings", new[] { new AnimatorBinding { source = "fear", parameter = "fear" } });
            Stage.Add(body);
            People[id] = character;
        }

        private static int Insult(EmotionSidecar sidecar)
        {
            EmotionCharacter child = People["child"];
            EmotionSmartObject fire = new GameObject("campfire").AddComponent<EmotionSmartObject>();
            fire.Id = "campfire";
            Stage.Add(fire.gameObject);
            EmotionUtterance line = People["guard"].gameObject.AddComponent<EmotionUtterance>();
            line.Text = "You idiot! Get out! I'm so angry with you!";
            line.Heard.AddListener(label => Console.WriteLine("heard " + label));
            Stage.Set(line, "listener", child);
            Stage.Begin();
            Stage.Play(() => sidecar.Status.State == ClientState.Live && child.Roster != null, "live");
            People["guard"].transform.position = new Vector3(8f, 0f, 4.5f);
            child.transform.position = new Vector3(8f, 0f, 3f);
            fire.Set("lit", false);
            fire.Set("heat", 0.9f);
            if (!line.Speak())
            {
                return 1;
            }
            string fled = "";
            child.Started += action => fled = action.Rule == "flee" ? action.Bearers[0] + " " + action.Why : fled;
            Stage.Play(() => fled.Length > 0, "flee");
            Console.WriteLine("fled " + fled);
            Animator animator = child.GetComponent<Animator>();
            SkinnedMeshRenderer face = child.GetComponent<SkinnedMeshRenderer>();
            Stage.Play(() => animator.GetFloat("fear") > 0.2f && face.Weights.ContainsKey(1) && face.Weights[1] > 10, "face");
            Console.WriteLine("face " + string.Join(" ", face.Weights.Keys.OrderBy(key => key)));
            Console.WriteLine("trigger " + animator.Values["flee"] + " acting " + animator.Values["acting"]);
            Stage.Play(() => child.CurrentAction == null || child.CurrentAction.Rule != "flee", "the end of the flight");
            sidecar.PauseGame(true);
            Stage.Play(() => sidecar.Status.State == ClientState.Paused, "paused");
            sidecar.PauseGame(false);
            Stage.Play(() => sidecar.Status.State == ClientState.Live, "live again");
            Stage.End();
            Console.WriteLine("ended " + (sidecar.Client == null) + " " + (child.CurrentAction == null));
            return 0;
        }

        private static int Started(EmotionSidecar sidecar)
        {
            Stage.Begin();
            Stage.Play(() => sidecar.Status.State == ClientState.Live || sidecar.StatusText.StartsWith("refused"), "start");
            Stage.End();
            return 0;
        }

        /// <summary>Play mode on and off, with the statics living on as without a domain reload.</summary>
        private static int Cycles(EmotionSidecar sidecar, int times)
        {
            int threads = 0;
            int files = 0;
            for (int i = 0; i <= times; i++)
            {
                Stage.Begin();
                Stage.Play(() => sidecar.Status.State == ClientState.Live, "live");
                Stage.End();
                if (i == 0)
                {
                    threads = Count("task");
                    files = Count("fd");
                }
            }
            Console.WriteLine("threads " + threads + " " + Count("task") + " files " + files + " " + Count("fd"));
            return 0;
        }

        private static int Count(string what)
        {
            string folder = "/proc/self/" + what;
            return Directory.Exists(folder) ? Directory.GetFileSystemEntries(folder).Length : 0;
        }

        private static void Say(params string[] words)
        {
            Console.WriteLine(string.Join(" ", words));
        }
    }
}
