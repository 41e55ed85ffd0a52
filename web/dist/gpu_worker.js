var b=class extends Error{name="GpuError"},R=class extends b{name="GpuOutOfMemoryError"},L=class extends b{name="GpuLostError"};function U(r){return r.reduce((e,t)=>e*t,1)}function A(r){return Math.ceil(r/4)*4}function k(r){return r.join("×")}function G(r,e){return Math.ceil(r/e)}function ve(r){let e=[],t=[],a=new Array(r.length).fill(-1),n=r.map((o,i)=>i).sort((o,i)=>r[o].first-r[i].first||r[i].bytes-r[o].bytes);for(let o of n){let{bytes:i,first:s,last:l}=r[o],d=-1;for(let c=0;c<e.length;c++){if(t[c]>=s)continue;if(d<0){d=c;continue}let u=e[c]>=i,p=e[d]>=i;(u?!p||e[c]<e[d]:!p&&e[c]>e[d])&&(d=c)}d<0&&(d=e.length,e.push(0),t.push(-1)),e[d]=Math.max(e[d],i),t[d]=l,a[o]=d}return{assignment:a,sizes:e}}function be(r,e){return e==="flat"?U(r)*4:U(r.slice(0,-1))*A(r[r.length-1])*4}function j(r,e,t){let a=A(e);if(a===e)return t?.set(r),t??r;let n=r.length/e,o=t??new Float32Array(n*a);for(let i=0,s=0,l=0;i<n;i++,l+=a-e)for(let d=0;d<e;d++)o[l++]=r[s++];return o}function z(r,e){let t=A(e);if(t===e)return r;let a=r.length/t,n=new Float32Array(a*e);for(let o=0,i=0,s=0;o<a;o++,i+=t-e)for(let l=0;l<e;l++)n[s++]=r[i++];return n}var ht=64,gt=65535,H=class{tensors=[];dispatches=[];inputs=new Map;outputs=new Map;training;#e=[];#r=new Map;#t="";constructor(e){this.training=e.training}tensor(e,t,a={}){if(e.some(i=>!Number.isInteger(i)||i<1))throw new b(`Cannot record the tensor ${t}: its shape ${k(e)} must have positive extents`);let n=a.layout??"image",o={id:this.tensors.length,name:t,shape:e,layout:n,lifetime:a.lifetime??"planned",bytes:be(e,n),...a.external?{external:a.external}:{}};return this.tensors.push(o),o}input(e,t){let a=this.tensor(t,e,{lifetime:"persistent"});return this.inputs.set(e,a),a}scalars(e,t){let a=this.tensor([Math.ceil(t/4)*4],e,{layout:"flat",lifetime:"persistent"});return this.inputs.set(e,a),a}output(e,t){this.outputs.set(e,t)}within(e,t){let a=this.#t;this.#t=a?`${a}/${e}`:e;try{return t()}finally{this.#t=a}}dispatch(e,t,a){let n=Object.keys(e.bindings);if(n.join()!==Object.keys(t).join())throw new b(`Cannot record ${e.name}: it binds ${n.join()}, got ${Object.keys(t).join()}`);let i=e.params.map(c=>c.split(":")[0]).find(c=>a.params[c]===void 0);if(i)throw new b(`Cannot record ${e.name}: the parameter ${i} is not given`);let s=n.filter(c=>e.bindings[c]==="read_write").map(c=>N(t[c]).tensor);for(let c of n){let{tensor:u}=N(t[c]);if(e.bindings[c]!=="read_write"?s.includes(u):s.filter(p=>p===u).length>1)throw new b(`Cannot record ${e.name}: ${u.name} is bound for reading and writing at once`)}let[l,d]=wt(Math.ceil(a.invocations/ht));this.dispatches.push({label:[this.#t,a.label??e.name].filter(Boolean).join("/"),kernel:e,constants:a.constants??{},params:a.params,bindings:t,workgroups:[l,d,a.groups??1],once:a.once??!1,flops:a.flops??0})}gradient(e,t){if(!this.training)return;let a=this.#t;this.#e.push(()=>{let n=this.#r.get(e);n?.written&&this.within(a?`${a}.grad`:"grad",()=>t(n.gradient))})}gradientOf(e){let t=this.#r.get(e);t||this.#r.set(e,t={gradient:this.tensor(e.shape,`d(${e.name})`,{layout:e.layout}),written:!1});let a=t.written;return t.written=!0,{gradient:t.gradient,accumulate:a}}backward(){for(let e of this.#e.splice(0).reverse())e()}};function wt(r){let e=Math.max(1,Math.ceil(r/gt));return[Math.max(1,Math.ceil(r/e)),e]}function N(r){return"tensor"in r?r:{tensor:r,offset:0,size:r.bytes}}function O(r){return r.bytes/16}var ae=256;async function xe(r,e){let{device:t}=r;r.check();let a=[];for(let{kernel:u,constants:p}of e.dispatches)a.push(await r.kernel(u,p));t.pushErrorScope("validation"),t.pushErrorScope("out-of-memory");let n=[],o=(u,p,m)=>{let y=r.buffer(u,p,m);return n.push(y),y},i=()=>n.forEach(u=>r.release(u)),s,l;try{let u=yt(e,o),p=new DataView(new ArrayBuffer(e.dispatches.length*ae));e.dispatches.forEach(({kernel:w,params:f},g)=>{w.params.forEach((h,v)=>{let[_,T]=h.split(":"),$=g*ae+v*4;T==="f32"?p.setFloat32($,f[_],!0):p.setInt32($,f[_],!0)})});let m=o("uniforms",Math.max(p.byteLength,16),GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST);r.write(m,0,new Uint32Array(p.buffer));let y=e.dispatches.map((w,f)=>({dispatch:w,compiled:a[f],group:t.createBindGroup({label:w.label,layout:a[f].layout,entries:[{binding:0,resource:{buffer:m,offset:f*ae,size:w.kernel.params.length*4}},...Object.values(w.bindings).map((g,h)=>{let{tensor:v,offset:_,size:T}=N(g);return{binding:h+1,resource:{buffer:u.get(v),offset:_,size:T}}})]})}));s=new ne(r,e,y,u,n)}catch(u){l=u}let d=await t.popErrorScope(),c=await t.popErrorScope();if(d?l=new R(`The GPU is out of memory for a plan: ${d.message}`):c&&(l??=new b(`Cannot build a plan: ${c.message}`)),l)throw i(),l;return s}function yt(r,e){let t=new Map,a=new Map;r.dispatches.forEach((c,u)=>{for(let p of Object.values(c.bindings)){let{tensor:m}=N(p);t.has(m)||t.set(m,u),a.set(m,u)}});for(let c of r.outputs.values())a.set(c,r.dispatches.length);let n=GPUBufferUsage.STORAGE|GPUBufferUsage.UNIFORM|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC,o=new Map,i=r.tensors.filter(c=>{if(c.external)o.set(c,c.external);else if(c.lifetime==="persistent")o.set(c,e(c.name,c.bytes,n));else return t.has(c);return!1}),{assignment:s,sizes:l}=ve(i.map(c=>({bytes:c.bytes,first:t.get(c),last:a.get(c)}))),d=l.map((c,u)=>e(`shared ${u}`,c,n));return i.forEach((c,u)=>o.set(c,d[s[u]])),o}var ne=class{#e;#r;#t;#n;#a;#o=new Map;#i=new Map;#s=!0;constructor(e,t,a,n,o){this.#e=e,this.#r=t,this.#t=a,this.#n=n,this.#a=o}write(e,t){let a=this.#r.inputs.get(e);if(!a)throw new b(`Cannot write ${e}: the plan has no such input`);let n=t;if(a.layout==="image"){let o=a.shape[a.shape.length-1],i=this.#i.get(e);if(i||this.#i.set(e,i=new Float32Array(a.bytes/4)),t.length!==a.shape.reduce((s,l)=>s*l,1))throw new b(`Cannot write ${e}: it is ${k(a.shape)}, got ${t.length} values`);n=j(t,o,i)}this.#e.write(this.#n.get(a),0,n)}run(){this.#e.check();let e=this.#e.device.createCommandEncoder(),t=e.beginComputePass();for(let a of this.#t)a.dispatch.once&&!this.#s||(t.setPipeline(a.compiled.pipeline),t.setBindGroup(0,a.group),t.dispatchWorkgroups(...a.dispatch.workgroups));t.end(),this.#e.device.queue.submit([e.finish()]),this.#s=!1}refresh(){this.#s=!0}async read(e){let t=this.#r.outputs.get(e);if(!t)throw new b(`Cannot read ${e}: the plan has no such output`);let{device:a}=this.#e,n=this.#o.get(e);n||(n=this.#e.buffer(`read ${e}`,t.bytes,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST),this.#a.push(n),this.#o.set(e,n));let o=a.createCommandEncoder();o.copyBufferToBuffer(this.#n.get(t),0,n,0,t.bytes),a.queue.submit([o.finish()]);try{await n.mapAsync(GPUMapMode.READ)}catch(s){throw this.#e.check(),s}let i=new Float32Array(n.getMappedRange(0,t.bytes).slice(0));return n.unmap(),this.#e.check(),t.layout==="image"?z(i,t.shape[t.shape.length-1]):i}describe(){let e=this.#a.reduce((a,n)=>a+n.size,0);return[...this.#t.map(({dispatch:a})=>{let n=Object.entries(a.bindings).map(([o,i])=>`${o} ${N(i).tensor.name} ${k(N(i).tensor.shape)}`);return`${a.label}: ${a.kernel.name} (${n.join(", ")})`}),`${this.#t.length} steps, ${this.#a.length} buffers, ${e} bytes`].join(`
`)}get bytes(){return this.#a.reduce((e,t)=>e+t.size,0)}async profile(){let{device:e}=this.#e;if(!e.features.has("timestamp-query"))throw new b("Cannot profile: the adapter has no timestamp queries");let t=this.#t.filter(({dispatch:d})=>!d.once||this.#s),a=e.createQuerySet({type:"timestamp",count:t.length*2}),n=t.length*16,o=this.#e.buffer("timestamps",n,GPUBufferUsage.QUERY_RESOLVE|GPUBufferUsage.COPY_SRC),i=this.#e.buffer("read timestamps",n,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST),s=e.createCommandEncoder();t.forEach(({dispatch:d,compiled:c,group:u},p)=>{let m=s.beginComputePass({timestampWrites:{querySet:a,beginningOfPassWriteIndex:p*2,endOfPassWriteIndex:p*2+1}});m.setPipeline(c.pipeline),m.setBindGroup(0,u),m.dispatchWorkgroups(...d.workgroups),m.end()}),s.resolveQuerySet(a,0,t.length*2,o,0),s.copyBufferToBuffer(o,0,i,0,n),e.queue.submit([s.finish()]),await i.mapAsync(GPUMapMode.READ);let l=new BigUint64Array(i.getMappedRange().slice(0));i.unmap();for(let d of[o,i])this.#e.release(d);return a.destroy(),this.#s=!1,t.map(({dispatch:d},c)=>{let u=Number(l[c*2+1]-l[c*2]);return{label:d.label,kernel:d.kernel.name,milliseconds:u/1e6,gflops:u>0?d.flops/u:0}})}[Symbol.dispose](){for(let e of this.#a.splice(0))this.#e.release(e)}};var _e={none:0,relu:1,"leaky-relu":2};function oe(r){return _e[r]}var ke=new WeakMap;function Te(r,e){ke.set(r,e)}function vt(r){return ke.get(r)??"none"}function M(r,e){let t=vt(r);return{activated:t==="none"?e:r,constants:{ACTIVATION:_e[t]}}}var bt={name:"add",params:["count"],bindings:{a:"read",b:"read",y:"read_write"}},xt={name:"add_grad",params:["count","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]};function Ae(r,e,t,a="add",n=new Set){if(e.shape.join()!==t.shape.join())throw new b(`Cannot record add "${a}": its terms are ${k(e.shape)} and ${k(t.shape)}`);let o=r.tensor(e.shape,a),i=O(o);return r.within(a,()=>{r.dispatch(bt,{a:e,b:t,y:o},{params:{count:i},invocations:i}),r.gradient(o,s=>{for(let l of[e,t]){if(n.has(l))continue;let{gradient:d,accumulate:c}=r.gradientOf(l),{activated:u,constants:p}=M(l,s);r.dispatch(xt,{dy:s,activated:u,dx:d},{params:{count:i,accumulate:Number(c)},constants:p,invocations:i})}})}),o}var Pe={name:"conv2d_tile8",params:["batch","height","width","a4","b4","a_shift","out4","first_block","block_vec4s","accumulate"],bindings:{a:"read",b:"read",w:"uniform",activated:"read",y:"read_write"},includes:["activation"]},$e={name:"conv2d_pack",params:["in4","out4","source4","target4","first4","block_vec4s","count"],bindings:{weight:"read",bias:"read",packed:"read_write"}},Ue={name:"conv2d_naive",params:["batch","height","width","out_height","out_width","a4","b4","a_shift","out4","kernel","stride"],bindings:{a:"read",b:"read",w:"read",bias:"read",y:"read_write"},includes:["activation"]},Se={name:"conv2d_input_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","target4","first4","kernel","stride","accumulate"],bindings:{dy:"read",w:"read",activated:"read",dx:"read_write"},includes:["activation"]},Re={name:"conv2d_weight_grad_rows",params:["batch","height","width","in4","out4","shift","first4","total4","slices","rows"],bindings:{x:"read",dy:"read",partials:"read_write"}},Ne={name:"conv2d_weight_grad_naive",params:["batch","height","width","out_height","out_width","in4","out4","shift","first4","total4","slices","rows","kernel","stride"],bindings:{x:"read",dy:"read",partials:"read_write"}},Oe={name:"bias_grad",params:["pixels","out4","slices","slice_pixels"],bindings:{dy:"read",partials:"read_write"}};var _t={name:"sum_slices",params:["count","slices","accumulate"],bindings:{partials:"read",total:"read_write"}};function se(r,e,t,a,n=!1){let o=N(t).size/16;r.dispatch(_t,{partials:e,total:t},{params:{count:o,slices:a,accumulate:Number(n)},invocations:o})}function ie(r,e){let t=Math.ceil(r/Math.max(1,Math.min(e,r)));return{slices:Math.ceil(r/t),each:t}}var kt={name:"upsample",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write"}},Tt={name:"upsample_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",activated:"read",dx:"read_write"},includes:["activation"]},Ce=({shape:[r,e,t,a]})=>({batch:r,height:e,width:t,c4:A(a)/4});function Me(r,e,t,a="up"){let[n,o,i,s]=e.shape,l=r.tensor([n,o*2,i*2,s],a);return r.within(a,()=>{r.dispatch(kt,{x:e,y:l},{params:Ce(e),constants:{BILINEAR:+(t==="bilinear")},invocations:O(l)}),r.gradient(l,d=>ce(r,d,e,t))}),l}function ce(r,e,t,a){let{gradient:n,accumulate:o}=r.gradientOf(t),{activated:i,constants:s}=M(t,e);r.dispatch(Tt,{dy:e,activated:i,dx:n},{params:{...Ce(t),accumulate:Number(o)},constants:{...s,BILINEAR:+(a==="bilinear")},invocations:O(t)})}var q=65536,At=2048,P=r=>"upsampled"in r?r.upsampled:r,K=r=>"upsampled"in r?1:0,S=r=>A(r.shape[3])/4;function le(r){let{shape:e}=P(r),t=1<<K(r);return[e[1]*t,e[2]*t]}function Pt(r,{name:e,stride:t,outChannels:a}){if(r.length<1||r.length>2)throw new b(`Cannot record conv2d "${e}": it reads one or two inputs, got ${r.length}`);let[n,o]=le(r[0]),i=P(r[0]).shape[0];for(let s of r){let[l,d]=le(s),{shape:c}=P(s);if(c.length!==4||l!==n||d!==o||c[0]!==i)throw new b(`Cannot record conv2d "${e}": its inputs are ${k(P(r[0]).shape)} and ${k(c)}`)}if(r.length===2&&K(r[1]))throw new b(`Cannot record conv2d "${e}": only its first input can be upsampled on the way`);return[i,G(n,t),G(o,t),a]}function Ee(r,e,t,a,{variant:n="auto",withoutGradient:o=new Set}={}){let{name:i,kernel:s,stride:l,activation:d}=a,c=Pt(e,a);Ut(e,t,a);let u=r.tensor(c,i);Te(u,d);let p=t.range(r,`${i}.weight`),m=t.range(r,`${i}.bias`),y={rec:r,sources:e,options:a,y:u,weight:p,bias:m,...$t(e,u)},w=f=>n==="auto"&&s===3&&l===1&&Ge(f)*16<=q;return r.within(i,()=>{w(y.in4)?Be(y,{a:P(e[0]),b:P(e[1]??e[0]),activated:P(e[0]),target:u,a4:S(P(e[0])),b4:e[1]?S(P(e[1])):0,shift:K(e[0]),forward:!0,first4:0,accumulate:!1,constants:{ACTIVATION:oe(d)}}):St(y),r.gradient(u,f=>{Nt(y,f,t,n==="auto"&&s===3&&l===1);let g=0;for(let h of e){let v=P(h);o.has(v)||Rt(y,f,h,g,w(y.out4)),g+=S(v)}})}),u}function $t(r,e){let[t,a]=le(r[0]);return{batch:e.shape[0],height:t,width:a,out_height:e.shape[1],out_width:e.shape[2],in4:r.reduce((n,o)=>n+S(P(o)),0),out4:S(e)}}function Ut(r,e,{name:t,kernel:a,outChannels:n}){let o=r.map(l=>P(l).shape[3]),i=e.specs.find(l=>l.name===`${t}.weight`),s=[a,a,o.reduce((l,d)=>l+d,0),n];if(!i||i.shape.join()!==s.join()||(i.sources??[s[2]]).join()!==o.join())throw new b(`Cannot record conv2d "${t}": input has ${o.join(" + ")} channels, so the weight is ${k(s)}; got ${i?k(i.shape):"none"}`)}function de({batch:r,out_height:e,out_width:t,options:a,sources:n},o){let i=o??n.reduce((s,l)=>s+P(l).shape[3],0);return 2*r*e*t*a.kernel**2*i*a.outChannels}function St(r){let{rec:e,sources:t,options:a,y:n,weight:o,bias:i}=r,[s,l=s]=t.map(P);e.dispatch(Ue,{a:s,b:l,w:o,bias:i,y:n},{params:{...V(r,["batch","height","width","out_height","out_width","out4"]),a4:S(s),b4:t[1]?S(l):0,a_shift:K(t[0]),kernel:a.kernel,stride:a.stride},constants:{ACTIVATION:oe(a.activation)},invocations:r.batch*r.out_height*r.out_width*r.out4,flops:de(r)})}function V(r,e){return Object.fromEntries(e.map(t=>[t,r[t]]))}function Ge(r){return Math.ceil((72*r+2)/16)*16}function Be(r,e){let{rec:t,batch:a,height:n,width:o,in4:i,out4:s}=r,l=S(e.target),d=e.a4+e.b4,c=Ge(d),u=Math.ceil(l/2),p=!t.training,m=Math.floor(q/(c*16)),y=Math.floor((u-1)/m)*m*c*16,w=t.tensor([(y+q)/4],`${r.options.name}.packed`,{layout:"flat",lifetime:p?"persistent":"planned"}),f=Number(e.forward);t.dispatch($e,{weight:r.weight,bias:r.bias,packed:w},{params:{in4:i,out4:s,source4:d,target4:l,first4:e.first4,block_vec4s:c,count:u*c},constants:{FORWARD:f},invocations:u*c,once:p});for(let g=0;g<u;g+=m){let h=Math.min(m,u-g);t.dispatch(Pe,{a:e.a,b:e.b,w:{tensor:w,offset:g*c*16,size:q},activated:e.activated,y:e.target},{params:{batch:a,height:n,width:o,a4:e.a4,b4:e.b4,a_shift:e.shift,out4:l,first_block:g,block_vec4s:c,accumulate:Number(e.accumulate)},constants:{FORWARD:f,...e.constants},invocations:a*n*Math.ceil(o/8),groups:h,flops:18*a*n*o*d*4*Math.min(h*8,(l-g*2)*4)})}}function Rt(r,e,t,a,n){let{rec:o,options:i}=r,s=P(t),d="upsampled"in t?o.tensor([r.batch,r.height,r.width,s.shape[3]],`d(${s.name} upsampled)`):void 0,{gradient:c,accumulate:u}=d?{gradient:d,accumulate:!1}:o.gradientOf(s),{activated:p,constants:m}=d?{activated:e,constants:{ACTIVATION:0}}:M(s,e);n?Be(r,{a:e,b:e,a4:r.out4,b4:0,shift:0,activated:p,target:c,forward:!1,first4:a,accumulate:u,constants:m}):o.dispatch(Se,{dy:e,w:r.weight,activated:p,dx:c},{params:{...V(r,["batch","height","width","out_height","out_width","in4","out4"]),target4:S(s),first4:a,kernel:i.kernel,stride:i.stride,accumulate:Number(u)},constants:m,invocations:r.batch*r.height*r.width*S(s),flops:de(r,s.shape[3])}),d&&ce(o,d,s,"nearest")}function Nt(r,e,t,a){let{rec:n,options:o,in4:i,out4:s}=r,l=o.kernel**2,{slices:d,each:c}=ie(r.batch*r.out_height,Math.ceil(At/(i*s*(a?1:l)))),u=n.tensor([d,l,i*4,s*4],`${o.name}.weight partials`,{layout:"flat"}),p=0;for(let f of r.sources){let g=P(f),h=S(g),v={out4:s,shift:K(f),in4:h,first4:p,total4:i,slices:d,rows:c},_=de(r,g.shape[3]);a?n.dispatch(Re,{x:g,dy:e,partials:u},{params:{...V(r,["batch","height","width"]),...v},invocations:h*s*d,flops:_}):n.dispatch(Ne,{x:g,dy:e,partials:u},{params:{...V(r,["batch","height","width","out_height","out_width"]),...v,kernel:o.kernel,stride:o.stride},invocations:l*h*s*d,flops:_}),p+=h}se(n,u,t.range(n,`${o.name}.weight`,"gradients"),d);let m=r.batch*r.out_height*r.out_width,y=ie(m,Math.ceil(256/s)),w=n.tensor([y.slices,s*4],`${o.name}.bias partials`,{layout:"flat"});n.dispatch(Oe,{dy:e,partials:w},{params:{pixels:m,out4:s,slices:y.slices,slice_pixels:y.each},invocations:s*y.slices}),se(n,w,t.range(n,`${o.name}.bias`,"gradients"),y.slices)}var Ot={name:"max_pool",params:["batch","height","width","c4"],bindings:{x:"read",y:"read_write",argmax:"read_write"}},Ct={name:"max_pool_grad",params:["batch","height","width","c4","accumulate"],bindings:{dy:"read",argmax:"read",activated:"read",dx:"read_write"},includes:["activation"]};function Fe(r,e,t="pool"){let[a,n,o,i]=e.shape,s=A(i)/4,l=r.tensor([a,G(n,2),G(o,2),i],t),d=r.tensor([O(l)],`${t}.argmax`,{layout:"flat"}),c={batch:a,height:n,width:o,c4:s};return r.within(t,()=>{r.dispatch(Ot,{x:e,y:l,argmax:d},{params:c,invocations:O(l)}),r.gradient(l,u=>{let{gradient:p,accumulate:m}=r.gradientOf(e),{activated:y,constants:w}=M(e,u);r.dispatch(Ct,{dy:u,argmax:d,activated:y,dx:p},{params:{...c,accumulate:Number(m)},constants:w,invocations:O(e)})})}),l}var Ie=64,J=class{specs;length;#e;#r=new Map;#t=new Map;#n=new WeakMap;constructor(e,t){this.#e=e,this.specs=t;let a=0;for(let n of t){let o=ze(n);this.#r.set(n.name,{spec:n,offset:a,length:o}),a+=Math.ceil(o/Ie)*Ie}this.length=a}range(e,t,a="values"){let{offset:n,length:o}=this.#a(t);return{tensor:this.whole(e,a),offset:n*4,size:o*4}}whole(e,t){let a=this.#n.get(e);a||this.#n.set(e,a=new Map);let n=a.get(t);return n||(n=e.tensor([this.length],`parameters.${t}`,{layout:"flat",lifetime:"persistent",external:this.#o(t)}),a.set(t,n)),n}upload(e,t="values"){let a=new Float32Array(this.length);for(let{spec:n,offset:o}of this.#r.values()){let i=e.get(n.name);if(!i||i.length!==U(n.shape))throw new b(`Cannot upload ${n.name}: it has ${U(n.shape)} values, got ${i?.length??"none"}`);a.set(Et(i,n),o)}this.#e.write(this.#o(t),0,a)}async download(e="values"){let t=this.length*4,{device:a}=this.#e,n=this.#e.buffer(`read ${e}`,t,GPUBufferUsage.MAP_READ|GPUBufferUsage.COPY_DST);try{let o=a.createCommandEncoder();o.copyBufferToBuffer(this.#o(e),0,n,0,t),a.queue.submit([o.finish()]),await n.mapAsync(GPUMapMode.READ),this.#e.check();let i=new Float32Array(n.getMappedRange(0,t).slice(0));return new Map([...this.#r.values()].map(({spec:s,offset:l,length:d})=>[s.name,Gt(i.subarray(l,l+d),s)]))}finally{this.#e.release(n)}}[Symbol.dispose](){for(let e of this.#t.values())this.#e.release(e);this.#t.clear()}#a(e){let t=this.#r.get(e);if(!t)throw new b(`Cannot find the parameter ${e}`);return t}#o(e){let t=this.#t.get(e);if(!t){let a=GPUBufferUsage.STORAGE|GPUBufferUsage.COPY_DST|GPUBufferUsage.COPY_SRC;t=this.#e.buffer(`parameters.${e}`,this.length*4,a),this.#t.set(e,t)}return t}};function Mt(r){return r.reduce((e,t)=>e+A(t),0)}function ze({shape:r,sources:e}){if(r.length===1)return A(r[0]);let[t,a,n,o]=r;return t*a*Mt(e??[n])*A(o)}function Et(r,e){let{shape:t,sources:a}=e,n=t[t.length-1],o=j(r,n);if(t.length===1)return o;let i=A(n),s=new Float32Array(ze(e));return Ke(t,a,(l,d)=>s.set(o.subarray(l*i,(l+1)*i),d*i)),s}function Gt(r,e){let{shape:t,sources:a}=e,n=t[t.length-1];if(t.length===1)return z(r,n).slice(0,n);let o=A(n),i=new Float32Array(U(t.slice(0,-1))*o);return Ke(t,a,(s,l)=>i.set(r.subarray(l*o,(l+1)*o),s*o)),z(i,n).slice()}function Ke(r,e,t){let a=r[0]*r[1],n=0,o=0;for(let i=0;i<a;i++)for(let s of e??[r[2]]){for(let l=0;l<s;l++)t(n++,o+l);o+=A(s)}}function E(r){let{channels:e,widths:t,encoderBlocks:a,decoderBlocks:n,activation:o,down:i,up:s,residual:l,residualBlocks:d}=r,c=[],u=[],p=(h,v,_,T,$,C=1,re=3)=>{c.push({op:"conv2d",name:h,inputs:v,output:h,kernel:re,stride:C,inChannels:_,outChannels:T,activation:$});let pt=_.reduce((mt,ft)=>mt+ft,0);return u.push({name:`${h}.weight`,shape:[re,re,pt,T]},{name:`${h}.bias`,shape:[T]}),h},m=(h,v,_)=>{let T=p(h,[v],[_],_,o);return d?(c.push({op:"add",inputs:[v,T],output:`${h}.sum`}),`${h}.sum`):T},y=t.length-1,w=[],f="image",g=e;for(let h=0;h<=y;h++){h>0&&(w.push(f),i==="stride"?(f=p(`down${h}`,[f],[g],t[h],o,2),g=t[h]):(c.push({op:"maxPool",input:f,output:`pool${h}`}),f=`pool${h}`)),f=p(`enc${h}.0`,[f],[g],t[h],o),g=t[h];for(let v=1;v<a[h];v++)f=m(`enc${h}.${v}`,f,g)}for(let h=y-1;h>=0;h--){c.push({op:"upsample",input:f,output:`up${h}`,mode:s}),f=p(`dec${h}.0`,[`up${h}`,w[h]],[g,t[h]],t[h],o),g=t[h];for(let v=1;v<n[h];v++)f=m(`dec${h}.${v}`,f,g)}return f=p("out",[f],[g],e,"none"),l&&(c.push({op:"add",inputs:["image",f],output:"restored"}),f="restored"),{nodes:c,parameters:u,output:f}}function ue(r){let e=new Map([["image",{scale:1,radius:0}]]);for(let t of E(r).nodes){let n=("inputs"in t?t.inputs:[t.input]).map(s=>e.get(s)),o=Math.max(...n.map(s=>s.radius)),i=n[0].scale;t.op==="conv2d"?e.set(t.output,{scale:i*t.stride,radius:o+(t.kernel-1)/2*i}):t.op==="maxPool"?e.set(t.output,{scale:i*2,radius:o+i}):t.op==="upsample"?e.set(t.output,{scale:i/2,radius:o+(t.mode==="nearest"?i/2:i)}):e.set(t.output,{scale:i,radius:o})}return e.get(E(r).output).radius}function De(r={}){let{base:e=16,depth:t=(r.widths?.length??4)-1,blocks:a=2}=r,n=(d,c,u,p)=>{if(!Number.isInteger(c)||c<u||c>p)throw new RangeError(`Cannot make a U-Net: ${d} must be a whole number from ${u} to ${p}, got ${c}`)};n("base",e,1,512),n("depth",t,0,6),n("blocks",a,1,16);let o={channels:r.channels??3,widths:r.widths??Array.from({length:t+1},(d,c)=>e*2**c),encoderBlocks:r.encoderBlocks??Array(t+1).fill(a),decoderBlocks:r.decoderBlocks??Array(t).fill(a),activation:r.activation??"leaky-relu",down:r.down??"max-pool",up:r.up??"nearest",residual:r.residual??!0,residualBlocks:r.residualBlocks??!0};n("channels",o.channels,1,16);let{widths:i,encoderBlocks:s,decoderBlocks:l}=o;if(i.forEach(d=>n("a width",d,1,4096)),s.forEach(d=>n("a scale's encoder blocks",d,1,16)),l.forEach(d=>n("a scale's decoder blocks",d,1,16)),s.length!==i.length||l.length!==i.length-1)throw new RangeError(`Cannot make a U-Net: ${i.length} widths want ${i.length} encoder and ${i.length-1} decoder block counts, got ${s.length} and ${l.length}`);for(let[d,c,u]of[["activation",o.activation,["none","relu","leaky-relu"]],["down",o.down,["max-pool","stride"]],["up",o.up,["nearest","bilinear"]]])if(!u.includes(c))throw new RangeError(`Cannot make a U-Net: ${d} must be one of ${u.join(", ")}, got ${c}`);return o}function D(r){return 2**(r.widths.length-1)}function We(r,e){let t=E(e),a=new Map(t.nodes.flatMap(n=>n.op==="conv2d"?[[`${n.name}.weight`,n.inChannels]]:[]));return new J(r,t.parameters.map(n=>({...n,sources:a.get(n.name)})))}function Le(r,e,t,a,n={}){let o=D(t),[,i,s,l]=e.shape;if(i%o||s%o||l!==t.channels)throw new b(`Cannot record the U-Net: the image is ${i}×${s}×${l}, it takes multiples of ${o} and ${t.channels} channels`);let d=E(t),c=new Map([["image",e]]),u=new Set([e]),p=m=>{let y=c.get(m);if("upsampled"in y)throw new b(`Cannot record the U-Net: ${m} is read by more than a convolution`);return y};for(let m of d.nodes)if(m.op==="conv2d"){let y=m.inputs.map(w=>c.get(w));c.set(m.output,Ee(r,y,a,m,{...n,withoutGradient:u}))}else m.op==="maxPool"?c.set(m.output,Fe(r,p(m.input),m.output)):m.op==="add"?c.set(m.output,Ae(r,p(m.inputs[0]),p(m.inputs[1]),m.output,u)):m.mode==="nearest"?c.set(m.output,{upsampled:p(m.input)}):c.set(m.output,Me(r,p(m.input),m.mode,m.output));return p(d.output)}var Bt=2,Y=class{topology;#e;#r;#t=new Map;constructor(e,t){this.topology=t.topology,this.#e=e,this.#r=We(e,t.topology),this.#r.upload(t.parameters)}async predict(e,t){let a=await this.#n(t);return a.write("image",e),a.run(),await a.read("restored")}async#n(e){let t=e.join("×"),a=this.#t.get(t);if(a)return this.#t.delete(t),this.#t.set(t,a),a;let n=new H({training:!1});n.output("restored",Le(n,n.input("image",e),this.topology,this.#r));let o=await xe(this.#e,n);this.#t.set(t,o);for(let[i,s]of this.#t){if(this.#t.size<=Bt)break;this.#t.delete(i),s[Symbol.dispose]()}return o}[Symbol.dispose](){for(let e of this.#t.values())e[Symbol.dispose]();this.#t.clear(),this.#r[Symbol.dispose]()}};var B=class extends Error{name="TileTooLargeError"};var X=class{topology;device;preferredTile;#e;constructor(e,t,a){this.topology=t,this.device=e.adapter.software?`software adapter (${e.adapter.name})`:`GPU (${e.adapter.name})`,this.preferredTile=e.adapter.software?256:512,this.#e=new Y(e,{topology:t,parameters:a})}async run(e,t,a){try{return await this.#e.predict(e,[1,t,a,this.topology.channels])}catch(n){throw n instanceof R?new B(n.message,{cause:n}):n}}[Symbol.dispose](){this.#e[Symbol.dispose]()}};var x=class extends Error{name="UserError";constructor(e,t){super(e,t),this.exitCode=t?.exitCode??1}exitCode};var pe={activation:`// Included by kernels that fuse an activation: 0 none, 1 relu, 2 leaky relu with slope 0.1 (LEAKY_SLOPE in src/nn/topology.ts).
override ACTIVATION: u32 = 0u;

fn activate(v: vec4f) -> vec4f {
  if (ACTIVATION == 1u) { return max(v, vec4f()); }
  if (ACTIVATION == 2u) { return max(v, 0.1 * v); }
  return v;
}

// Derivative of the activation, from its value y = activate(v): both kinds keep the sign of v.
fn activation_slope(y: vec4f) -> vec4f {
  if (ACTIVATION == 1u) { return select(vec4f(), vec4f(1.0), y > vec4f()); }
  if (ACTIVATION == 2u) { return select(vec4f(0.1), vec4f(1.0), y > vec4f()); }
  return vec4f(1.0);
}
`,adam:`// Adam with bias correction (Kingma and Ba 2015), decoupled weight decay (Loshchilov and Hutter 2019), clipping of the gradient's
// global norm (Pascanu et al. 2013) and an exponential moving average of the weights, elementwise over all parameters:
//   g ← g · min(1, max_norm / ‖g‖); m ← β₁m + (1-β₁)g; v ← β₂v + (1-β₂)g²;
//   p ← p - lr · (m · correction₁ / (√(v · correction₂) + ε) + decay · p); average ← average + (1-ema) · (p - average)
// where correctionᵢ = 1 / (1 - βᵢᵗ). p, g, m, v, average: [count] vec4 f32; norm: ‖g‖² in x. An invocation owns one vec4.
struct Params { count: i32 }
struct Step {
  learning_rate: f32, beta1: f32, beta2: f32, epsilon: f32,
  correction1: f32, correction2: f32, decay: f32, max_norm: f32,
  ema: f32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> now: Step;
@group(0) @binding(2) var<storage, read> g: array<vec4f>;
@group(0) @binding(3) var<storage, read> norm: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> p: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> v: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> average: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let norm_root = sqrt(norm[0].x);
  var scale = 1.0;
  if (now.max_norm > 0.0 && norm_root > now.max_norm) { scale = now.max_norm / norm_root; }
  let gradient = g[index] * scale;
  let first = fma(vec4f(1.0 - now.beta1), gradient - m[index], m[index]);
  let second = fma(vec4f(1.0 - now.beta2), gradient * gradient - v[index], v[index]);
  m[index] = first;
  v[index] = second;
  let before = p[index];
  let update = first * now.correction1 / (sqrt(second * now.correction2) + vec4f(now.epsilon)) + now.decay * before;
  let after = before - now.learning_rate * update;
  p[index] = after;
  average[index] = fma(vec4f(1.0 - now.ema), after - average[index], average[index]);
}
`,add:`// Residual add: y = a + b, elementwise over vec4 f32. An invocation owns one vec4.
struct Params { count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  y[index] = a[index] + b[index];
}
`,add_grad:`// Gradient of a residual add, for one of its terms x: dx = activation_slope(x) * dy, elementwise over vec4 f32;
// added to what dx holds when params.accumulate is set. An invocation owns one vec4.
struct Params { count: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  var gradient = dy[index] * activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,bias_grad:`// Bias gradient: db[o] = sum over n,y,x of dy[n,y,x,o].
// dy: [pixels][out4] vec4 f32, partials: [slices][out4] vec4; sum_slices adds the slices in order.
// An invocation owns four outputs and one slice of the pixels.
struct Params { pixels: i32, out4: i32, slices: i32, slice_pixels: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.out4 * params.slices) { return; }
  let o = index % params.out4;
  let slice = index / params.out4;
  let end = min((slice + 1) * params.slice_pixels, params.pixels);
  var sum = vec4f();
  for (var pixel = slice * params.slice_pixels; pixel < end; pixel++) { sum += dy[pixel * params.out4 + o]; }
  partials[index] = sum;
}
`,conv2d_input_grad_naive:`// Input gradient of a k×k convolution, any stride:
// dx[n,y,x,c] = activation_slope(x) * sum over ky,kx,o of w[ky,kx,c,o] * dy[n, (y+r-ky)/stride, (x+r-kx)/stride, o], where the division is exact.
// dy: [N,OH,OW,4·out4] f32, w: [k·k][4·in4][out4] vec4, dx: [N,H,W,4·target4] f32 for the inputs 4·first4 .. 4·(first4 + target4);
// added to what dx holds when params.accumulate is set. An invocation owns one pixel by four inputs.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, target4: i32, first4: i32, kernel: i32, stride: i32, accumulate: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> w: array<vec4f>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.target4) { return; }
  let c = index % params.target4;
  let pixel = index / params.target4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let radius = (params.kernel - 1) / 2;
  var sum = vec4f();
  for (var ky = 0; ky < params.kernel; ky++) {
    let up = row + radius - ky;
    let out_row = up / params.stride;
    if (up < 0 || out_row * params.stride != up || out_row >= params.out_height) { continue; }
    for (var kx = 0; kx < params.kernel; kx++) {
      let across = column + radius - kx;
      let out_column = across / params.stride;
      if (across < 0 || out_column * params.stride != across || out_column >= params.out_width) { continue; }
      let at = ((n * params.out_height + out_row) * params.out_width + out_column) * params.out4;
      let tap = ((ky * params.kernel + kx) * params.in4 + params.first4 + c) * 4 * params.out4;
      for (var o = 0; o < params.out4; o++) {
        let d = dy[at + o];
        sum += vec4f(
          dot(w[tap + o], d), dot(w[tap + params.out4 + o], d),
          dot(w[tap + 2 * params.out4 + o], d), dot(w[tap + 3 * params.out4 + o], d),
        );
      }
    }
  }
  sum *= activation_slope(activated[index]);
  if (params.accumulate != 0) { sum += dx[index]; }
  dx[index] = sum;
}
`,conv2d_naive:`// Convolution k×k ('same', kernel centred on (y·stride, x·stride)): the readable version, and the one for 1×1, stride 2 and wide layers.
// y[n,y,x,:] = activate(bias + sum over ky,kx,c of x[n, y·stride+ky-r, x·stride+kx-r, c] * w[ky,kx,c,:]), r = (k-1)/2.
// x: sources a and b joined along the channels, [N,H,W,4·(a4|b4)] f32 (a of half the size when params.a_shift = 1),
// w: [k·k][4·in4][out4] vec4 over outputs, bias: [out4] vec4, y: [N,OH,OW,4·out4] f32. An invocation owns one pixel by four outputs.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  a4: i32, b4: i32, a_shift: u32, out4: i32, kernel: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<storage, read> w: array<vec4f>;
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.out_height * params.out_width * params.out4) { return; }
  let o = index % params.out4;
  let pixel = index / params.out4;
  let column = pixel % params.out_width;
  let row = (pixel / params.out_width) % params.out_height;
  let n = pixel / (params.out_width * params.out_height);
  let radius = (params.kernel - 1) / 2;
  let in4 = params.a4 + params.b4;
  var sum = bias[o];
  for (var ky = 0; ky < params.kernel; ky++) {
    let source_row = row * params.stride + ky - radius;
    if (source_row < 0 || source_row >= params.height) { continue; }
    for (var kx = 0; kx < params.kernel; kx++) {
      let source_column = column * params.stride + kx - radius;
      if (source_column < 0 || source_column >= params.width) { continue; }
      let shift = params.a_shift;
      let at_a = ((n * (params.height >> shift) + (source_row >> shift)) * (params.width >> shift) + (source_column >> shift)) * params.a4;
      let at_b = ((n * params.height + source_row) * params.width + source_column) * params.b4;
      let tap = (ky * params.kernel + kx) * in4 * 4 * params.out4 + o;
      for (var c = 0; c < in4; c++) {
        var v: vec4f;
        if (c < params.a4) { v = a[at_a + c]; } else { v = b[at_b + c - params.a4]; }
        let t = tap + c * 4 * params.out4;
        sum = fma(vec4f(v.x), w[t], sum);
        sum = fma(vec4f(v.y), w[t + params.out4], sum);
        sum = fma(vec4f(v.z), w[t + 2 * params.out4], sum);
        sum = fma(vec4f(v.w), w[t + 3 * params.out4], sum);
      }
    }
  }
  y[index] = activate(sum);
}
`,conv2d_pack:`// Rearranges the weights of a 3×3 convolution for conv2d_tile8.
// weight: [9 taps][4·in4 inputs][out4] vec4 over outputs, f32, padded with zeros; bias: [out4] vec4.
// packed: blocks of 8 outputs, \`params.block_vec4s\` apart: [9 taps][source4][4][2] vec4, then 2 vec4 of bias.
// FORWARD 1: as they are. FORWARD 0: for the input gradient of inputs 4·first4 .. 4·(first4 + target4): the taps turned by 180°,
// inputs and outputs exchanged, bias zero. An invocation writes one vec4.
struct Params { in4: i32, out4: i32, source4: i32, target4: i32, first4: i32, block_vec4s: i32, count: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weight: array<vec4f>;
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> packed: array<vec4f>;

override FORWARD: u32 = 1u;

fn turned(tap: i32, input: i32, output: i32) -> f32 {
  return weight[((8 - tap) * params.in4 * 4 + params.first4 * 4 + input) * params.out4 + output / 4][output % 4];
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  let block = index / params.block_vec4s;
  let inner = index % params.block_vec4s;
  let target_vec = block * 2 + inner % 2;
  var value = vec4f();
  if (target_vec < params.target4) {
    if (inner < 72 * params.source4) {
      let source = (inner / 2) % (params.source4 * 4);
      let tap = inner / (8 * params.source4);
      if (FORWARD == 1u) {
        value = weight[(tap * params.in4 * 4 + source) * params.out4 + target_vec];
      } else {
        let first = target_vec * 4;
        value = vec4f(
          turned(tap, first, source), turned(tap, first + 1, source),
          turned(tap, first + 2, source), turned(tap, first + 3, source),
        );
      }
    } else if (FORWARD == 1u && inner < 72 * params.source4 + 2) {
      value = bias[target_vec];
    }
  }
  packed[index] = value;
}
`,conv2d_tile8:`// Convolution 3×3, stride 1, 'same': y = activate(bias + sum over ky,kx,c of x[n, y+ky-1, x+kx-1, c] * w[ky,kx,c,:]).
// The same kernel is the input gradient, with transposed and turned weights (conv2d_pack): then
// dx = (sum) * activation_slope(x), added to what dx holds when params.accumulate is set.
// x: sources a and b joined along the channels, each [N,H,W,4·(a4|b4)] f32; source a may be of half the size (params.a_shift = 1:
// nearest upsampling by the address). y: [N,H,W,4·out4] f32. Channels beyond the tensor's own are zero.
// w: blocks of 8 outputs, \`params.block_vec4s\` apart: [9 taps][inside4][4 inputs][2] vec4 over outputs, then 2 vec4 of bias; as many blocks as 64 KiB hold.
// An invocation owns 8 pixels of a row by 8 outputs: 16 vec4 accumulators, no barrier, no workgroup memory. Weights have the same
// address in all lanes of a workgroup (one block of outputs each), which uniform buffers serve at register speed.
struct Params {
  batch: i32, height: i32, width: i32,
  a4: i32, b4: i32, a_shift: u32,
  out4: i32, first_block: i32, block_vec4s: i32,
  accumulate: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;
@group(0) @binding(3) var<uniform> w: array<vec4f, 4096>;
@group(0) @binding(4) var<storage, read> activated: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> y: array<vec4f>;

// 1: forward (bias, activation). 0: input gradient (activation_slope of \`activated\`, accumulate).
override FORWARD: u32 = 1u;

fn mac(acc: vec4f, v: vec4f, w0: vec4f, w1: vec4f, w2: vec4f, w3: vec4f) -> vec4f {
  return fma(w3, vec4f(v.w), fma(w2, vec4f(v.z), fma(w1, vec4f(v.y), fma(w0, vec4f(v.x), acc))));
}

fn store(at: i32, value: vec4f) {
  if (FORWARD == 1u) {
    y[at] = activate(value);
  } else {
    var gradient = value * activation_slope(activated[at]);
    if (params.accumulate != 0) { gradient += y[at]; }
    y[at] = gradient;
  }
}

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3u,
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  let height = params.height;
  let width = params.width;
  let runs = (width + 7) / 8;
  let run = i32(id.x + id.y * groups.x * 64u);
  if (run >= params.batch * height * runs) { return; }
  let x0 = (run % runs) * 8;
  let row = (run / runs) % height;
  let n = run / (runs * height);
  let block = i32(group.z) * params.block_vec4s;
  let in4 = params.a4 + params.b4;

  // Columns x0-1 .. x0+8, kept inside the row for the load; those outside count as zero.
  let c0 = clamp(x0 + -1, 0, width - 1);
  let c1 = clamp(x0 + 0, 0, width - 1);
  let c2 = clamp(x0 + 1, 0, width - 1);
  let c3 = clamp(x0 + 2, 0, width - 1);
  let c4 = clamp(x0 + 3, 0, width - 1);
  let c5 = clamp(x0 + 4, 0, width - 1);
  let c6 = clamp(x0 + 5, 0, width - 1);
  let c7 = clamp(x0 + 6, 0, width - 1);
  let c8 = clamp(x0 + 7, 0, width - 1);
  let c9 = clamp(x0 + 8, 0, width - 1);
  let left = x0 > 0;
  let inside2 = x0 + 1 < width;
  let inside3 = x0 + 2 < width;
  let inside4 = x0 + 3 < width;
  let inside5 = x0 + 4 < width;
  let inside6 = x0 + 5 < width;
  let inside7 = x0 + 6 < width;
  let inside8 = x0 + 7 < width;
  let inside9 = x0 + 8 < width;

  let bias = block + 72 * in4;
  var s00 = w[bias + 0];
  var s10 = w[bias + 0];
  var s20 = w[bias + 0];
  var s30 = w[bias + 0];
  var s40 = w[bias + 0];
  var s50 = w[bias + 0];
  var s60 = w[bias + 0];
  var s70 = w[bias + 0];
  var s01 = w[bias + 1];
  var s11 = w[bias + 1];
  var s21 = w[bias + 1];
  var s31 = w[bias + 1];
  var s41 = w[bias + 1];
  var s51 = w[bias + 1];
  var s61 = w[bias + 1];
  var s71 = w[bias + 1];

  for (var c = 0; c < in4; c++) {
    for (var ky = 0; ky < 3; ky++) {
      let source_row = row + ky - 1;
      if (source_row < 0 || source_row >= height) { continue; }
      var v0: vec4f;
      var v1: vec4f;
      var v2: vec4f;
      var v3: vec4f;
      var v4: vec4f;
      var v5: vec4f;
      var v6: vec4f;
      var v7: vec4f;
      var v8: vec4f;
      var v9: vec4f;
      if (c < params.a4) {
        let shift = params.a_shift;
        let base = (n * (height >> shift) + (source_row >> shift)) * (width >> shift);
        v0 = a[(base + (c0 >> shift)) * params.a4 + c];
        v1 = a[(base + (c1 >> shift)) * params.a4 + c];
        v2 = a[(base + (c2 >> shift)) * params.a4 + c];
        v3 = a[(base + (c3 >> shift)) * params.a4 + c];
        v4 = a[(base + (c4 >> shift)) * params.a4 + c];
        v5 = a[(base + (c5 >> shift)) * params.a4 + c];
        v6 = a[(base + (c6 >> shift)) * params.a4 + c];
        v7 = a[(base + (c7 >> shift)) * params.a4 + c];
        v8 = a[(base + (c8 >> shift)) * params.a4 + c];
        v9 = a[(base + (c9 >> shift)) * params.a4 + c];
      } else {
        let base = (n * height + source_row) * width;
        let channel = c - params.a4;
        v0 = b[(base + c0) * params.b4 + channel];
        v1 = b[(base + c1) * params.b4 + channel];
        v2 = b[(base + c2) * params.b4 + channel];
        v3 = b[(base + c3) * params.b4 + channel];
        v4 = b[(base + c4) * params.b4 + channel];
        v5 = b[(base + c5) * params.b4 + channel];
        v6 = b[(base + c6) * params.b4 + channel];
        v7 = b[(base + c7) * params.b4 + channel];
        v8 = b[(base + c8) * params.b4 + channel];
        v9 = b[(base + c9) * params.b4 + channel];
      }
      v0 = select(vec4f(), v0, left);
      v2 = select(vec4f(), v2, inside2);
      v3 = select(vec4f(), v3, inside3);
      v4 = select(vec4f(), v4, inside4);
      v5 = select(vec4f(), v5, inside5);
      v6 = select(vec4f(), v6, inside6);
      v7 = select(vec4f(), v7, inside7);
      v8 = select(vec4f(), v8, inside8);
      v9 = select(vec4f(), v9, inside9);
      let tap = block + (ky * 3 * in4 + c) * 8;
      {
        let t = tap;
        let w00 = w[t + 0];
        let w10 = w[t + 2];
        let w20 = w[t + 4];
        let w30 = w[t + 6];
        s00 = mac(s00, v0, w00, w10, w20, w30);
        s10 = mac(s10, v1, w00, w10, w20, w30);
        s20 = mac(s20, v2, w00, w10, w20, w30);
        s30 = mac(s30, v3, w00, w10, w20, w30);
        s40 = mac(s40, v4, w00, w10, w20, w30);
        s50 = mac(s50, v5, w00, w10, w20, w30);
        s60 = mac(s60, v6, w00, w10, w20, w30);
        s70 = mac(s70, v7, w00, w10, w20, w30);
        let w01 = w[t + 1];
        let w11 = w[t + 3];
        let w21 = w[t + 5];
        let w31 = w[t + 7];
        s01 = mac(s01, v0, w01, w11, w21, w31);
        s11 = mac(s11, v1, w01, w11, w21, w31);
        s21 = mac(s21, v2, w01, w11, w21, w31);
        s31 = mac(s31, v3, w01, w11, w21, w31);
        s41 = mac(s41, v4, w01, w11, w21, w31);
        s51 = mac(s51, v5, w01, w11, w21, w31);
        s61 = mac(s61, v6, w01, w11, w21, w31);
        s71 = mac(s71, v7, w01, w11, w21, w31);
      }
      {
        let t = tap + in4 * 8;
        let w00 = w[t + 0];
        let w10 = w[t + 2];
        let w20 = w[t + 4];
        let w30 = w[t + 6];
        s00 = mac(s00, v1, w00, w10, w20, w30);
        s10 = mac(s10, v2, w00, w10, w20, w30);
        s20 = mac(s20, v3, w00, w10, w20, w30);
        s30 = mac(s30, v4, w00, w10, w20, w30);
        s40 = mac(s40, v5, w00, w10, w20, w30);
        s50 = mac(s50, v6, w00, w10, w20, w30);
        s60 = mac(s60, v7, w00, w10, w20, w30);
        s70 = mac(s70, v8, w00, w10, w20, w30);
        let w01 = w[t + 1];
        let w11 = w[t + 3];
        let w21 = w[t + 5];
        let w31 = w[t + 7];
        s01 = mac(s01, v1, w01, w11, w21, w31);
        s11 = mac(s11, v2, w01, w11, w21, w31);
        s21 = mac(s21, v3, w01, w11, w21, w31);
        s31 = mac(s31, v4, w01, w11, w21, w31);
        s41 = mac(s41, v5, w01, w11, w21, w31);
        s51 = mac(s51, v6, w01, w11, w21, w31);
        s61 = mac(s61, v7, w01, w11, w21, w31);
        s71 = mac(s71, v8, w01, w11, w21, w31);
      }
      {
        let t = tap + 2 * in4 * 8;
        let w00 = w[t + 0];
        let w10 = w[t + 2];
        let w20 = w[t + 4];
        let w30 = w[t + 6];
        s00 = mac(s00, v2, w00, w10, w20, w30);
        s10 = mac(s10, v3, w00, w10, w20, w30);
        s20 = mac(s20, v4, w00, w10, w20, w30);
        s30 = mac(s30, v5, w00, w10, w20, w30);
        s40 = mac(s40, v6, w00, w10, w20, w30);
        s50 = mac(s50, v7, w00, w10, w20, w30);
        s60 = mac(s60, v8, w00, w10, w20, w30);
        s70 = mac(s70, v9, w00, w10, w20, w30);
        let w01 = w[t + 1];
        let w11 = w[t + 3];
        let w21 = w[t + 5];
        let w31 = w[t + 7];
        s01 = mac(s01, v2, w01, w11, w21, w31);
        s11 = mac(s11, v3, w01, w11, w21, w31);
        s21 = mac(s21, v4, w01, w11, w21, w31);
        s31 = mac(s31, v5, w01, w11, w21, w31);
        s41 = mac(s41, v6, w01, w11, w21, w31);
        s51 = mac(s51, v7, w01, w11, w21, w31);
        s61 = mac(s61, v8, w01, w11, w21, w31);
        s71 = mac(s71, v9, w01, w11, w21, w31);
      }
    }
  }

  let first = (params.first_block + i32(group.z)) * 2;
  let at = ((n * height + row) * width + x0) * params.out4 + first;
  let two = first + 1 < params.out4;
  store(at + 0 * params.out4, s00);
  if (two) { store(at + 0 * params.out4 + 1, s01); }
  if (inside2) {
    store(at + 1 * params.out4, s10);
    if (two) { store(at + 1 * params.out4 + 1, s11); }
  }
  if (inside3) {
    store(at + 2 * params.out4, s20);
    if (two) { store(at + 2 * params.out4 + 1, s21); }
  }
  if (inside4) {
    store(at + 3 * params.out4, s30);
    if (two) { store(at + 3 * params.out4 + 1, s31); }
  }
  if (inside5) {
    store(at + 4 * params.out4, s40);
    if (two) { store(at + 4 * params.out4 + 1, s41); }
  }
  if (inside6) {
    store(at + 5 * params.out4, s50);
    if (two) { store(at + 5 * params.out4 + 1, s51); }
  }
  if (inside7) {
    store(at + 6 * params.out4, s60);
    if (two) { store(at + 6 * params.out4 + 1, s61); }
  }
  if (inside8) {
    store(at + 7 * params.out4, s70);
    if (two) { store(at + 7 * params.out4 + 1, s71); }
  }
}
`,conv2d_weight_grad_naive:`// Weight gradient of a k×k convolution, any stride:
// dw[ky,kx,c,o] = sum over n,y,x of x[n, y·stride+ky-r, x·stride+kx-r, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] f32 (of half the size when params.shift = 1), dy: [N,OH,OW,4·out4] f32,
// partials: [slices][k·k][4·total4 inputs][out4] vec4; sum_slices adds the slices in order.
// An invocation owns one tap, four inputs by four outputs, and walks the output rows of its slice.
struct Params {
  batch: i32, height: i32, width: i32, out_height: i32, out_width: i32,
  in4: i32, out4: i32, shift: u32, first4: i32, total4: i32,
  slices: i32, rows: i32, kernel: i32, stride: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let taps = params.kernel * params.kernel;
  let blocks = taps * params.in4 * params.out4;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= blocks * params.slices) { return; }
  let slice = index / blocks;
  let o = index % params.out4;
  let c = (index / params.out4) % params.in4;
  let tap = (index / (params.out4 * params.in4)) % taps;
  let radius = (params.kernel - 1) / 2;
  let ky = tap / params.kernel - radius;
  let kx = tap % params.kernel - radius;
  var s0 = vec4f();
  var s1 = vec4f();
  var s2 = vec4f();
  var s3 = vec4f();
  let end = min((slice + 1) * params.rows, params.batch * params.out_height);
  for (var out_row = slice * params.rows; out_row < end; out_row++) {
    let n = out_row / params.out_height;
    let row = (out_row % params.out_height) * params.stride + ky;
    if (row < 0 || row >= params.height) { continue; }
    let base = (n * (params.height >> params.shift) + (row >> params.shift)) * (params.width >> params.shift);
    for (var out_column = 0; out_column < params.out_width; out_column++) {
      let column = out_column * params.stride + kx;
      if (column < 0 || column >= params.width) { continue; }
      let v = x[(base + (column >> params.shift)) * params.in4 + c];
      let d = dy[(out_row * params.out_width + out_column) * params.out4 + o];
      s0 = fma(vec4f(v.x), d, s0);
      s1 = fma(vec4f(v.y), d, s1);
      s2 = fma(vec4f(v.z), d, s2);
      s3 = fma(vec4f(v.w), d, s3);
    }
  }
  let at = ((slice * taps + tap) * params.total4 + params.first4 + c) * 4 * params.out4 + o;
  partials[at] = s0;
  partials[at + params.out4] = s1;
  partials[at + 2 * params.out4] = s2;
  partials[at + 3 * params.out4] = s3;
}
`,conv2d_weight_grad_rows:`// Weight gradient of a 3×3 convolution with stride 1: dw[ky,kx,c,o] = sum over n,y,x of x[n, y+ky-1, x+kx-1, c] * dy[n,y,x,o].
// x: one source [N,H,W,4·in4] f32 (half the size when params.shift = 1: nearest upsampling by the address), dy: [N,H,W,4·out4] f32,
// partials: [slices][9][all inputs, 4·total4][out4] vec4 f32; sum_slices adds the slices in order, so the same run gives the same bits.
// An invocation owns 4 inputs by 4 outputs for all nine taps (36 vec4 accumulators) and walks the rows of its slice from left to right,
// so that each column of x is loaded once and used for three taps in x.
struct Params {
  batch: i32, height: i32, width: i32,
  in4: i32, out4: i32, shift: u32,
  first4: i32, total4: i32,
  slices: i32, rows: i32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> dy: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let blocks = params.in4 * params.out4;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= blocks * params.slices) { return; }
  let slice = index / blocks;
  let o = (index % blocks) % params.out4;
  let c = (index % blocks) / params.out4;
  let height = params.height;
  let width = params.width;
  let shift = params.shift;
  let in4 = params.in4;
  var s00 = vec4f();
  var s01 = vec4f();
  var s02 = vec4f();
  var s03 = vec4f();
  var s10 = vec4f();
  var s11 = vec4f();
  var s12 = vec4f();
  var s13 = vec4f();
  var s20 = vec4f();
  var s21 = vec4f();
  var s22 = vec4f();
  var s23 = vec4f();
  var s30 = vec4f();
  var s31 = vec4f();
  var s32 = vec4f();
  var s33 = vec4f();
  var s40 = vec4f();
  var s41 = vec4f();
  var s42 = vec4f();
  var s43 = vec4f();
  var s50 = vec4f();
  var s51 = vec4f();
  var s52 = vec4f();
  var s53 = vec4f();
  var s60 = vec4f();
  var s61 = vec4f();
  var s62 = vec4f();
  var s63 = vec4f();
  var s70 = vec4f();
  var s71 = vec4f();
  var s72 = vec4f();
  var s73 = vec4f();
  var s80 = vec4f();
  var s81 = vec4f();
  var s82 = vec4f();
  var s83 = vec4f();

  let end = min((slice + 1) * params.rows, params.batch * height);
  for (var row = slice * params.rows; row < end; row++) {
    let n = row / height;
    let y = row % height;
    let above = y > 0;
    let below = y + 1 < height;
    let base0 = (n * (height >> shift) + (max(y - 1, 0) >> shift)) * (width >> shift);
    let base1 = (n * (height >> shift) + (y >> shift)) * (width >> shift);
    let base2 = (n * (height >> shift) + (min(y + 1, height - 1) >> shift)) * (width >> shift);
    var l0 = vec4f();
    var l1 = vec4f();
    var l2 = vec4f();
    var m0 = select(vec4f(), x[base0 * in4 + c], above);
    var m1 = x[base1 * in4 + c];
    var m2 = select(vec4f(), x[base2 * in4 + c], below);
    for (var column = 0; column < width; column++) {
      let d = dy[(row * width + column) * params.out4 + o];
      let inside = column + 1 < width;
      let next = min(column + 1, width - 1) >> shift;
      let r0 = select(vec4f(), x[(base0 + next) * in4 + c], above && inside);
      let r1 = select(vec4f(), x[(base1 + next) * in4 + c], inside);
      let r2 = select(vec4f(), x[(base2 + next) * in4 + c], below && inside);
      s00 = fma(vec4f(l0.x), d, s00);
      s01 = fma(vec4f(l0.y), d, s01);
      s02 = fma(vec4f(l0.z), d, s02);
      s03 = fma(vec4f(l0.w), d, s03);
      s10 = fma(vec4f(m0.x), d, s10);
      s11 = fma(vec4f(m0.y), d, s11);
      s12 = fma(vec4f(m0.z), d, s12);
      s13 = fma(vec4f(m0.w), d, s13);
      s20 = fma(vec4f(r0.x), d, s20);
      s21 = fma(vec4f(r0.y), d, s21);
      s22 = fma(vec4f(r0.z), d, s22);
      s23 = fma(vec4f(r0.w), d, s23);
      s30 = fma(vec4f(l1.x), d, s30);
      s31 = fma(vec4f(l1.y), d, s31);
      s32 = fma(vec4f(l1.z), d, s32);
      s33 = fma(vec4f(l1.w), d, s33);
      s40 = fma(vec4f(m1.x), d, s40);
      s41 = fma(vec4f(m1.y), d, s41);
      s42 = fma(vec4f(m1.z), d, s42);
      s43 = fma(vec4f(m1.w), d, s43);
      s50 = fma(vec4f(r1.x), d, s50);
      s51 = fma(vec4f(r1.y), d, s51);
      s52 = fma(vec4f(r1.z), d, s52);
      s53 = fma(vec4f(r1.w), d, s53);
      s60 = fma(vec4f(l2.x), d, s60);
      s61 = fma(vec4f(l2.y), d, s61);
      s62 = fma(vec4f(l2.z), d, s62);
      s63 = fma(vec4f(l2.w), d, s63);
      s70 = fma(vec4f(m2.x), d, s70);
      s71 = fma(vec4f(m2.y), d, s71);
      s72 = fma(vec4f(m2.z), d, s72);
      s73 = fma(vec4f(m2.w), d, s73);
      s80 = fma(vec4f(r2.x), d, s80);
      s81 = fma(vec4f(r2.y), d, s81);
      s82 = fma(vec4f(r2.z), d, s82);
      s83 = fma(vec4f(r2.w), d, s83);
      l0 = m0;
      m0 = r0;
      l1 = m1;
      m1 = r1;
      l2 = m2;
      m2 = r2;
    }
  }

  let taps = params.total4 * 4 * params.out4;
  let at = slice * 9 * taps + (params.first4 + c) * 4 * params.out4 + o;
  partials[at + 0 * taps + 0 * params.out4] = s00;
  partials[at + 0 * taps + 1 * params.out4] = s01;
  partials[at + 0 * taps + 2 * params.out4] = s02;
  partials[at + 0 * taps + 3 * params.out4] = s03;
  partials[at + 1 * taps + 0 * params.out4] = s10;
  partials[at + 1 * taps + 1 * params.out4] = s11;
  partials[at + 1 * taps + 2 * params.out4] = s12;
  partials[at + 1 * taps + 3 * params.out4] = s13;
  partials[at + 2 * taps + 0 * params.out4] = s20;
  partials[at + 2 * taps + 1 * params.out4] = s21;
  partials[at + 2 * taps + 2 * params.out4] = s22;
  partials[at + 2 * taps + 3 * params.out4] = s23;
  partials[at + 3 * taps + 0 * params.out4] = s30;
  partials[at + 3 * taps + 1 * params.out4] = s31;
  partials[at + 3 * taps + 2 * params.out4] = s32;
  partials[at + 3 * taps + 3 * params.out4] = s33;
  partials[at + 4 * taps + 0 * params.out4] = s40;
  partials[at + 4 * taps + 1 * params.out4] = s41;
  partials[at + 4 * taps + 2 * params.out4] = s42;
  partials[at + 4 * taps + 3 * params.out4] = s43;
  partials[at + 5 * taps + 0 * params.out4] = s50;
  partials[at + 5 * taps + 1 * params.out4] = s51;
  partials[at + 5 * taps + 2 * params.out4] = s52;
  partials[at + 5 * taps + 3 * params.out4] = s53;
  partials[at + 6 * taps + 0 * params.out4] = s60;
  partials[at + 6 * taps + 1 * params.out4] = s61;
  partials[at + 6 * taps + 2 * params.out4] = s62;
  partials[at + 6 * taps + 3 * params.out4] = s63;
  partials[at + 7 * taps + 0 * params.out4] = s70;
  partials[at + 7 * taps + 1 * params.out4] = s71;
  partials[at + 7 * taps + 2 * params.out4] = s72;
  partials[at + 7 * taps + 3 * params.out4] = s73;
  partials[at + 8 * taps + 0 * params.out4] = s80;
  partials[at + 8 * taps + 1 * params.out4] = s81;
  partials[at + 8 * taps + 2 * params.out4] = s82;
  partials[at + 8 * taps + 3 * params.out4] = s83;
}
`,loss:`// Mean loss over all elements and its gradient. d = y - target, M = number of elements (pixels · channels):
// KIND 0, MSE: sum d² / M, dy = 2d / M. KIND 1, L1: sum |d| / M, dy = sign(d) / M.
// KIND 2, Charbonnier (Charbonnier et al. 1994): sum sqrt(d² + ε²) / M, dy = d / sqrt(d² + ε²) / M, ε = 1e-3.
// y, target, dy: [pixels][c4] vec4 f32, lanes beyond \`params.channels\` zero; partials: one vec4 a slice (loss in x), summed by sum_slices.
// WEIGHTED 1: the terms and gradients of image n are multiplied by weights[n] (packed four to a vec4).
// An invocation owns one slice of the vec4s.
struct Params { count: i32, c4: i32, channels: i32, slice_vec4s: i32, slices: i32, image_vec4s: i32, scale: f32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> y: array<vec4f>;
@group(0) @binding(2) var<storage, read> goal: array<vec4f>;
@group(0) @binding(3) var<storage, read> weights: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dy: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> partials: array<vec4f>;

override KIND: u32 = 0u;
override WEIGHTED: u32 = 0u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let slice = i32(id.x + id.y * groups.x * 64u);
  if (slice >= params.slices) { return; }
  let end = min((slice + 1) * params.slice_vec4s, params.count);
  var sum = vec4f();
  for (var index = slice * params.slice_vec4s; index < end; index++) {
    let d = y[index] - goal[index];
    // Lanes that hold no channel must not count: the Charbonnier loss of zero is ε.
    let lane = vec4i((index % params.c4) * 4) + vec4i(0, 1, 2, 3);
    let counts = lane < vec4i(params.channels);
    var value: vec4f;
    var gradient: vec4f;
    if (KIND == 0u) {
      value = d * d;
      gradient = 2.0 * d;
    } else if (KIND == 1u) {
      value = abs(d);
      gradient = sign(d);
    } else {
      value = sqrt(d * d + vec4f(1e-6));
      gradient = d / value;
    }
    if (WEIGHTED == 1u) {
      let image = index / params.image_vec4s;
      let weight = weights[image / 4][image % 4];
      value *= weight;
      gradient *= weight;
    }
    sum += select(vec4f(), value, counts);
    dy[index] = select(vec4f(), gradient * params.scale, counts);
  }
  partials[slice] = vec4f(((sum.x + sum.y) + (sum.z + sum.w)) * params.scale, 0.0, 0.0, 0.0);
}
`,max_pool:`// Max-pooling 2×2, stride 2: y[n,y,x,c] = max of x[n, 2y..2y+1, 2x..2x+1, c]; a window past the edge takes what is inside.
// x: [N,H,W,4·c4] f32, y: [N,⌈H/2⌉,⌈W/2⌉,4·c4] f32, argmax: one u32 a vec4, 8 bits a channel: the winner's place in the window (2·dy + dx);
// of equals the first wins. An invocation owns four channels of one output pixel.
struct Params { batch: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> argmax: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let out_height = (params.height + 1) / 2;
  let out_width = (params.width + 1) / 2;
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * out_height * out_width * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = (pixel % out_width) * 2;
  let row = ((pixel / out_width) % out_height) * 2;
  let n = pixel / (out_width * out_height);
  let at = ((n * params.height + row) * params.width + column) * params.c4 + c;
  var best = x[at];
  var place = vec4u();
  let right = column + 1 < params.width;
  let below = row + 1 < params.height;
  if (right) {
    let v = x[at + params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(1u), wins);
  }
  if (below) {
    let v = x[at + params.width * params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(2u), wins);
  }
  if (right && below) {
    let v = x[at + (params.width + 1) * params.c4];
    let wins = v > best;
    best = select(best, v, wins);
    place = select(place, vec4u(3u), wins);
  }
  y[index] = best;
  argmax[index] = place.x | (place.y << 8u) | (place.z << 16u) | (place.w << 24u);
}
`,max_pool_grad:`// Gradient of max-pooling 2×2: dx[n,y,x,c] = activation_slope(x) * (dy[n, y/2, x/2, c] where this pixel was its window's winner, else 0).
// dy: [N,⌈H/2⌉,⌈W/2⌉,4·c4] f32, argmax as max_pool wrote it, activated: the pooled tensor x, dx: [N,H,W,4·c4] f32;
// added to what dx holds when params.accumulate is set. An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> argmax: array<u32>;
@group(0) @binding(3) var<storage, read> activated: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.c4) { return; }
  let out_height = (params.height + 1) / 2;
  let out_width = (params.width + 1) / 2;
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let window = ((n * out_height + row / 2) * out_width + column / 2) * params.c4 + c;
  let place = u32((row % 2) * 2 + column % 2);
  let winners = (vec4u(argmax[window]) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(255u);
  var gradient = select(vec4f(), dy[window], winners == vec4u(place)) * activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`,squared_norm:`// Partial sums of squares of all gradients, for the global norm: partials[s] = sum over slice s of g².
// g: [count] vec4 f32, partials: one vec4 a slice (value in x), summed by sum_slices. An invocation owns one slice.
struct Params { count: i32, slice_vec4s: i32, slices: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> g: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partials: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let slice = i32(id.x + id.y * groups.x * 64u);
  if (slice >= params.slices) { return; }
  let end = min((slice + 1) * params.slice_vec4s, params.count);
  var sum = vec4f();
  for (var index = slice * params.slice_vec4s; index < end; index++) { sum = fma(g[index], g[index], sum); }
  partials[slice] = vec4f((sum.x + sum.y) + (sum.z + sum.w), 0.0, 0.0, 0.0);
}
`,sum_slices:`// total[i] = sum over s of partials[s][i], in the order of s: the second half of every reduction, and why it is repeatable.
// partials: [slices][count] vec4 f32, total: [count] vec4 f32; added to what total holds when params.accumulate is set.
struct Params { count: i32, slices: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> partials: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> total: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.count) { return; }
  var sum = vec4f();
  if (params.accumulate != 0) { sum = total[index]; }
  for (var slice = 0; slice < params.slices; slice++) { sum += partials[slice * params.count + index]; }
  total[index] = sum;
}
`,upsample:`// Upsampling 2×: y[n,y,x,c] from x[n, y/2, x/2, c] (nearest), or interpolated between the four nearest pixel centres,
// those past the edge taken as the edge (bilinear). x: [N,H,W,4·c4] f32, y: [N,2H,2W,4·c4] f32. An invocation owns four channels of one output pixel.
struct Params { batch: i32, height: i32, width: i32, c4: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

override BILINEAR: u32 = 0u;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * 4 * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % (params.width * 2);
  let row = (pixel / (params.width * 2)) % (params.height * 2);
  let n = pixel / (params.width * params.height * 4);
  let near_row = n * params.height + row / 2;
  let near_column = column / 2;
  let near = x[(near_row * params.width + near_column) * params.c4 + c];
  if (BILINEAR == 0u) {
    y[index] = near;
  } else {
    // An output centre lies a quarter pixel from its nearest source centre: towards the one before it when even, after it when odd.
    let far_row = n * params.height + clamp(row / 2 + (row % 2) * 2 - 1, 0, params.height - 1);
    let far_column = clamp(column / 2 + (column % 2) * 2 - 1, 0, params.width - 1);
    let beside = x[(near_row * params.width + far_column) * params.c4 + c];
    let over = x[(far_row * params.width + near_column) * params.c4 + c];
    let across = x[(far_row * params.width + far_column) * params.c4 + c];
    y[index] = 0.5625 * near + 0.1875 * (beside + over) + 0.0625 * across;
  }
}
`,upsample_grad:`// Gradient of upsampling 2×: dx[n,y,x,c] = activation_slope(x) * sum of dy times the share that this pixel had in it.
// Nearest: the four pixels of dy that copied it. Bilinear: rows 2y-1 .. 2y+2 and columns likewise with 1/4, 3/4, 3/4, 1/4,
// where the edge pixel also has the share of the pixel that is missing beyond it.
// dy: [N,2H,2W,4·c4] f32, activated: the upsampled tensor x, dx: [N,H,W,4·c4] f32; added to what dx holds when params.accumulate is set.
// An invocation owns four channels of one pixel of dx.
struct Params { batch: i32, height: i32, width: i32, c4: i32, accumulate: i32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> activated: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4f>;

override BILINEAR: u32 = 0u;

// Share of source pixel \`at\` in upsampled pixel \`fine\`, along one axis.
fn share(fine: i32, at: i32, extent: i32) -> f32 {
  let near = fine / 2;
  let far = clamp(near + (fine % 2) * 2 - 1, 0, extent - 1);
  return select(0.0, 0.75, near == at) + select(0.0, 0.25, far == at);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let index = i32(id.x + id.y * groups.x * 64u);
  if (index >= params.batch * params.height * params.width * params.c4) { return; }
  let c = index % params.c4;
  let pixel = index / params.c4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let n = pixel / (params.width * params.height);
  let fine_width = params.width * 2;
  let fine_row = n * params.height * 2;
  var gradient = vec4f();
  if (BILINEAR == 0u) {
    let at = ((fine_row + row * 2) * fine_width + column * 2) * params.c4 + c;
    gradient = (dy[at] + dy[at + params.c4]) + (dy[at + fine_width * params.c4] + dy[at + (fine_width + 1) * params.c4]);
  } else {
    for (var y = max(row * 2 - 1, 0); y < min(row * 2 + 3, params.height * 2); y++) {
      let vertical = share(y, row, params.height);
      for (var x = max(column * 2 - 1, 0); x < min(column * 2 + 3, fine_width); x++) {
        gradient += (vertical * share(x, column, params.width)) * dy[((fine_row + y) * fine_width + x) * params.c4 + c];
      }
    }
  }
  gradient *= activation_slope(activated[index]);
  if (params.accumulate != 0) { gradient += dx[index]; }
  dx[index] = gradient;
}
`};function Ft(r,e){let t=r.prelude??[];for(let o of t)if(e[o]===void 0)throw new b(`Cannot compile ${r.name}: the constant ${o} is not given`);let a=[...t.map(o=>`const ${o} = ${e[o]};
`),...(r.includes??[]).map(o=>pe[o]),pe[r.name]].join(""),n=Object.fromEntries(Object.entries(e).filter(([o])=>!t.includes(o)));return{code:a,overrides:n}}async function je(r,e,t){let{code:a,overrides:n}=Ft(e,t),o={read:"read-only-storage",read_write:"storage",uniform:"uniform"};r.pushErrorScope("validation");let i=r.createShaderModule({label:e.name,code:a}),s=r.createBindGroupLayout({label:e.name,entries:["uniform",...Object.values(e.bindings)].map((c,u)=>({binding:u,visibility:GPUShaderStage.COMPUTE,buffer:{type:o[c]}}))}),l=r.createComputePipeline({label:e.name,layout:r.createPipelineLayout({bindGroupLayouts:[s]}),compute:{module:i,entryPoint:"main",constants:n}}),d=await r.popErrorScope();if(d)throw new b(`Cannot compile ${e.name} ${JSON.stringify(t)}: ${d.message}`);return{kernel:e,pipeline:l,layout:s}}var It=/llvmpipe|lavapipe|swiftshader|softpipe|basic render|warp/i;function zt(){let r=globalThis.Deno;if(r)try{r.build.os==="linux"&&!r.env.get("DENO_WEBGPU_BACKEND")&&r.env.set("DENO_WEBGPU_BACKEND","vulkan"),r.build.os==="linux"&&!r.env.get("XDG_RUNTIME_DIR")&&r.env.set("XDG_RUNTIME_DIR","/tmp")}catch{}}async function Kt(){zt();let r=await globalThis.navigator?.gpu?.requestAdapter({powerPreference:"high-performance"})??void 0;if(!r)return;let{description:e,device:t,vendor:a,architecture:n}=r.info,o=e||t||`${a} ${n}`.trim()||"unnamed adapter";return{adapter:r,summary:{name:o,vendor:a,architecture:n,software:It.test(`${o} ${a} ${n}`),features:[...r.features].sort()}}}async function He(){let r=await Kt();if(!r)throw new x("No WebGPU adapter found: install a Vulkan driver (on Debian or Ubuntu: apt-get install mesa-vulkan-drivers)");let{adapter:e,summary:t}=r,a=["timestamp-query","shader-f16"],{limits:n}=e,o=await e.requestDevice({requiredFeatures:a.filter(i=>e.features.has(i)),requiredLimits:{maxStorageBufferBindingSize:n.maxStorageBufferBindingSize,maxBufferSize:n.maxBufferSize,maxUniformBufferBindingSize:n.maxUniformBufferBindingSize,maxComputeWorkgroupStorageSize:n.maxComputeWorkgroupStorageSize}});return new me(o,t)}var me=class{device;adapter;#e=new Set;#r=0;#t=0;#n=new Map;#a;#o=!1;constructor(e,t){this.device=e,this.adapter=t,e.lost.then(a=>{this.#o||(this.#a??=new L(`The GPU device was lost: ${a.message||a.reason}`))}),e.addEventListener("uncapturederror",a=>{let{error:n}=a;a.preventDefault(),this.#a??=n instanceof GPUOutOfMemoryError?new R(`The GPU is out of memory: ${n.message}`):new b(`The GPU refused a command: ${n.message}`)})}check(){if(this.#o)throw new b("Cannot use a Gpu that was disposed");if(this.#a)throw this.#a}buffer(e,t,a){this.check();let n=Math.max(16,Math.ceil(t/4)*4);if(n>this.device.limits.maxBufferSize||n>this.device.limits.maxStorageBufferBindingSize)throw new R(`Cannot make the buffer ${e}: ${n} bytes are more than the adapter binds at once`);let o=this.device.createBuffer({label:e,size:n,usage:a});return this.#e.add(o),this.#r+=n,this.#t=Math.max(this.#t,this.#r),o}release(e){this.#e.delete(e)&&(this.#r-=e.size,e.destroy())}write(e,t,a){if(t%4!==0||t<0||t+a.byteLength>e.size)throw new b(`Cannot write ${a.byteLength} bytes at ${t} of ${e.label||"a buffer"}: it has ${e.size}`);this.device.queue.writeBuffer(e,t,a)}kernel(e,t={}){let a=`${e.name} ${JSON.stringify(Object.entries(t).sort())}`,n=this.#n.get(a);return n||je(this.device,e,t).then(o=>(this.#n.set(a,o),o))}stats(){return{liveBytes:this.#r,peakBytes:this.#t,liveBuffers:this.#e.size}}[Symbol.dispose](){if(!this.#o){this.#o=!0;for(let e of this.#e)e.destroy();this.#e.clear(),this.#r=0,this.#n.clear(),this.device.destroy()}}};function Dt(r,e,t,a){let n=new Float32Array(r.length);return Ve(e,t,a,(o,i)=>{for(let s=0;s<3;s++)n[i+s]=r[o+s]}),n}async function qe(r,e,t,a){let n=new Float32Array(e.length);for(let o=0;o<8;o++){let[i,s]=o<4?[t,a]:[a,t],l=await r.run(Dt(e,t,a,o),i,s);Ve(t,a,o,(d,c)=>{for(let u=0;u<3;u++)n[d+u]+=l[c+u]/8})}return n}function Ve(r,e,t,a){for(let n=0;n<r;n++){let o=t&2?r-1-n:n;for(let i=0;i<e;i++){let s=t&1?e-1-i:i;a(3*(n*e+i),3*(t&4?s*r+o:o*e+s))}}}function fe(r){return r instanceof Uint16Array?65535:255}var Wt=16;function Ye(r,e,t,a=512,n=Wt){let o=D(t),i=F(ue(t),o),s=Je(r,o,i,a,F(n,o)),l=Je(e,o,i,a,F(n,o)),d=l.windows.flatMap(c=>s.windows.map(u=>({x:u.start,y:c.start,keep:{x0:u.from,x1:u.to,y0:c.from,y1:c.to}})));return{width:r,height:e,tileWidth:s.extent,tileHeight:l.extent,tiles:d}}function Xe(r){let e=D(r);return 2*F(ue(r),e)+e}function Je(r,e,t,a,n){let o=F(r+2*n,e),i=Math.max(Math.floor(a/e)*e,2*t+e);if(o<=i)return{extent:o,windows:[{start:-n,from:0,to:r}]};let s=Math.ceil((o-2*t)/(i-2*t)),l=F((o-2*t)/s,e),d=l+2*t,c=[];for(let u=0,p=0;p<o;u+=l){let m=Math.min(u,o-d),y=m+d>=o?o:m+d-t,[w,f]=[Math.max(p-n,0),Math.min(y-n,r)];w<f&&c.push({start:m-n,from:w,to:f}),p=y}return{extent:d,windows:c}}function F(r,e){return Math.ceil(r/e)*e}function he(r,e){if(e===1)return 0;let t=2*(e-1),a=(r%t+t)%t;return a<e?a:t-a}function ge(r,e,t){let{width:a,height:n,tileWidth:o,tileHeight:i}=e,s=fe(r),l=Int32Array.from({length:o},(c,u)=>3*he(t.x+u,a)),d=new Float32Array(i*o*3);for(let c=0,u=0;c<i;c++){let p=3*a*he(t.y+c,n);for(let m=0;m<o;m++){let y=p+l[m];d[u++]=r[y]/s,d[u++]=r[y+1]/s,d[u++]=r[y+2]/s}}return d}function Qe(r,e,t,a,n,o){let{rgb:i,alpha:s,grey:l,width:d}=e,c=fe(t),{x0:u,x1:p,y0:m,y1:y}=n.keep;for(let w=m;w<y;w++){let f=3*((w-n.y)*a.tileWidth+u-n.x),g=3*(w*d+u);for(let h=u;h<p;h++,f+=3,g+=3){let v=r[f],_=r[f+1],T=r[f+2];if(!Number.isFinite(v+_+T))throw new RangeError(`the network's output at column ${h}, row ${w} is not a finite number`);if(s&&s[g/3]===0)for(let $=0;$<3;$++)t[g+$]=i[g+$];else if(l){let $=Q(i[g],(I(v)+I(_)+I(T))/3,c,o);for(let C=0;C<3;C++)t[g+C]=$}else t[g]=Q(i[g],I(v),c,o),t[g+1]=Q(i[g+1],I(_),c,o),t[g+2]=Q(i[g+2],I(T),c,o)}}}function I(r){return r<0?0:r>1?1:r}function Q(r,e,t,a){return Math.round(r+a*(e*t-r))}function Ze(r,e,t,a){if(!e.includes(0)||e.every(s=>s===0))return r;let n=r.slice(),o=new Uint16Array(t*a);for(let s=0;s<e.length;s++)e[s]===0&&(o[s]=65535);let i=(s,l,d)=>{if(o[l]===65535)return;let c=Math.min(o[l]+d,65534);c>=o[s]||(o[s]=c,n[3*s]=n[3*l],n[3*s+1]=n[3*l+1],n[3*s+2]=n[3*l+2])};for(let s of[1,-1]){let[l,d]=s===1?[0,0]:[a-1,t-1];for(let c=l;c>=0&&c<a;c+=s){let u=c-s>=0&&c-s<a;for(let p=d;p>=0&&p<t;p+=s){let m=c*t+p;if(o[m]===0)continue;let y=p-s>=0&&p-s<t,w=p+s>=0&&p+s<t,f=m-s*t;y&&i(m,m-s,3),u&&(i(m,f,3),y&&i(m,f-s,4),w&&i(m,f+s,4))}}}return n}async function et(r,e,t={}){let{strength:a=1,tile:n=e.preferredTile,signal:o}=t;if(!(a>=0&&a<=1))throw new x(`Cannot enhance: strength must be from 0 to 1, got ${a}`,{exitCode:2});if(!(n>=1))throw new x(`Cannot enhance: tile must be at least 1 pixel, got ${n}`,{exitCode:2});if(e.topology.channels!==3)throw new x(`Cannot enhance: the model has ${e.topology.channels} channels, photos need 3`);if(o?.throwIfAborted(),a===0)return r;let i=r.alpha?Ze(r.rgb,r.alpha,r.width,r.height):r.rgb,s=r.rgb instanceof Uint16Array?new Uint16Array(r.rgb.length):new Uint8Array(r.rgb.length);for(let l=n;;l/=2){let d=Ye(r.width,r.height,e.topology,l);try{return await Lt(r,i,s,d,e,t),{...r,rgb:s}}catch(c){if(!(c instanceof B))throw c;if(l<=Xe(e.topology))throw new x(`Cannot enhance: not enough memory on ${e.device} for a tile of ${d.tileWidth}×${d.tileHeight}, the smallest for this model; close other programs or try --device cpu`,{cause:c})}}}async function Lt(r,e,t,a,n,o){let{strength:i=1,selfEnsemble:s=!1,onProgress:l,onTile:d,signal:c}=o,{tiles:u,tileHeight:p,tileWidth:m}=a,y=(g,h)=>{try{Qe(h,r,t,a,u[g],i)}catch(v){throw new x(`Cannot enhance on ${n.device}: ${v.message}; try --device cpu or another model`,{cause:v})}d?.(u[g].keep,t),l?.(g+1,u.length)},w=ge(e,a,u[0]),f;for(let g=0;g<u.length;g++){c?.throwIfAborted();let h=s?qe(n,w,p,m):n.run(w,p,m);try{f&&y(g-1,f),g+1<u.length&&(w=ge(e,a,u[g+1]))}catch(v){throw await h.catch(()=>{}),v}f=await h}y(u.length-1,f)}var jt=Uint32Array.from({length:256},(r,e)=>{let t=e;for(let a=0;a<8;a++)t=t&1?t>>>1^3988292384:t>>>1;return t});function Z(r,e=0){let t=~e;for(let a=0;a<r.length;a++)t=jt[(t^r[a])&255]^t>>>8;return~t>>>0}var tt={F32:4,F16:2};var Ht=1e8,ee="crc32",at="00000000";function nt(r,e){let t=w=>{throw new x(`Cannot read ${W(e)} as safetensors: ${w}`)};r.length<8&&t(`it has ${r.length} bytes, too few for a header`);let a=new DataView(r.buffer,r.byteOffset,r.byteLength),n=a.getUint32(0,!0)+a.getUint32(4,!0)*2**32;n>Ht&&t(`its header claims ${n} bytes; it is no safetensors file or is damaged`),n>r.length-8&&t(`its header claims ${n} bytes, but only ${r.length-8} follow; the file is truncated or damaged`);let o=qt(r.subarray(8,8+n),t),{__metadata__:i={},...s}=o;(!we(i)||Object.values(i).some(w=>typeof w!="string"))&&t("its metadata is not a list of strings; the file is damaged");let l=r.subarray(8+n),d=[],c=new Map,u=Object.entries(s).map(([w,f])=>{let g=Vt(w,f,l.length,t);return d.push(g),{tensor:w,...g}});d.sort((w,f)=>w.begin-f.begin||w.end-f.end);let p=0;for(let{begin:w,end:f}of d)w!==p&&t(`its tensors overlap or leave a gap at byte ${Math.min(w,p)}; the file is damaged`),p=f;p!==l.length&&t(`its tensors fill ${p} bytes, but ${l.length} follow the header; the file is damaged`),Jt(r,n,i,t);for(let{tensor:w,dtype:f,shape:g,begin:h,end:v}of u){let _=l.slice(h,v).buffer,T=f==="F32"?new Float32Array(_):Float32Array.from(new Float16Array(_));c.set(w,{dtype:f,shape:g,data:T})}let{[ee]:m,...y}=i;return{tensors:c,metadata:y}}function qt(r,e){let t;try{if(r[0]!==123)throw new SyntaxError;t=JSON.parse(new TextDecoder("utf-8",{fatal:!0}).decode(r))}catch{e("its header is no JSON; it is no safetensors file or is damaged")}return we(t)?t:e("its header is no JSON object; the file is damaged")}function Vt(r,e,t,a){let n=c=>a(`tensor ${W(r)} has ${c}; the file is damaged`);if(!we(e))return n("no description");let{dtype:o,shape:i,data_offsets:s}=e;if(o!=="F32"&&o!=="F16")return a(`tensor ${W(r)} is of type ${W(String(o))}; only F32 and F16 can be read`);if(!Array.isArray(i)||!i.every(rt))return n("no valid shape");if(!Array.isArray(s)||s.length!==2||!s.every(rt))return n("no valid offsets");let[l,d]=s;return d<l?n(`offsets ${l} to ${d}`):d>t?a(`tensor ${W(r)} ends at byte ${d} of the data, but the file holds ${t}; it is truncated or damaged`):d-l!==U(i)*tt[o]?n(`${d-l} bytes, but shape ${k(i)} of ${o} takes ${U(i)*tt[o]}`):{dtype:o,shape:i,begin:l,end:d}}function Jt(r,e,t,a){if(!Object.hasOwn(t,ee))return;let n=Yt(r,e);if(n!==void 0){let o=new TextEncoder().encode(at),i=r.subarray(n+o.length),s=Z(i,Z(o,Z(r.subarray(0,n))));if(Xt(s)===t[ee])return}a("its checksum does not match; the file is damaged (or was rewritten: then drop crc32 from its metadata)")}function Yt(r,e){let t=new TextEncoder().encode(`"${ee}":"`),a=8+e-t.length-at.length;for(let n=8;n<=a;n++)if(t.every((o,i)=>r[n+i]===o))return n+t.length}function W(r){return JSON.stringify(r.length>80?`${r.slice(0,77)}...`:r).replaceAll(/[\u007f-\u009f\u2028\u2029]/g,"?")}var Xt=r=>r.toString(16).padStart(8,"0"),rt=r=>Number.isSafeInteger(r)&&r>=0,we=r=>typeof r=="object"&&r!==null&&!Array.isArray(r);var ot="clairnet-1",Qt=["name","recipe","loss","data","created","version","license","note"],Zt=["seed","steps"];function ye(r,e){return er(nt(r,e),e)}function er(r,e){let t=`Cannot use ${JSON.stringify(e)} as a model`,{metadata:a,tensors:n}=r;if(a.format!==ot||a.topology===void 0){let s=a.format===void 0?"no format":`the format ${JSON.stringify(a.format)}`;throw new x(`${t}: its metadata has ${s}, where Clairnet's models have "${ot}"`)}let o=rr(a.topology,t),i=new Map;for(let{name:s,shape:l}of E(o).parameters){let d=n.get(s);if(!d)throw new x(`${t}: tensor "${s}" (${k(l)}) is missing`);if(k(d.shape)!==k(l))throw new x(`${t}: tensor "${s}" has shape ${k(d.shape)}, but its topology wants ${k(l)}`);tr(d.data,`${t}: tensor "${s}"`),i.set(s,d.data)}for(let s of n.keys())if(!i.has(s)&&!s.includes("/"))throw new x(`${t}: tensor ${JSON.stringify(s)} is not part of its topology`);return{topology:o,parameters:i,info:ar(a,t)}}function tr(r,e){let t=r.findIndex(a=>!Number.isFinite(a));if(t>=0)throw new x(`${e} holds ${r[t]} at ${t}: the training diverged or the file is damaged`)}function rr(r,e){try{let{channels:t,widths:a,encoderBlocks:n,decoderBlocks:o,activation:i,down:s,up:l,residual:d,residualBlocks:c}=JSON.parse(r);for(let[u,p]of Object.entries({widths:a,encoderBlocks:n,decoderBlocks:o}))if(!Array.isArray(p))throw new RangeError(`${u} is no list`);if(typeof t!="number")throw new RangeError("channels is no number");for(let[u,p]of Object.entries({residual:d,residualBlocks:c}))if(typeof p!="boolean")throw new RangeError(`${u} is neither true nor false`);for(let[u,p]of Object.entries({activation:i,down:s,up:l}))if(typeof p!="string")throw new RangeError(`${u} is no word`);return De({channels:t,widths:a,encoderBlocks:n,decoderBlocks:o,activation:i,down:s,up:l,residual:d,residualBlocks:c})}catch(t){let a=t instanceof RangeError?t.message.replaceAll(/\s+/g," "):"it is no JSON object";throw new x(`${e}: the topology in its metadata is damaged (${a})`,{cause:t})}}function ar(r,e){let t={};for(let a of Qt)t[a]=r[a]??"";for(let a of Zt){let n=Number(r[a]??0);if(!Number.isSafeInteger(n)||n<0)throw new x(`${e}: ${a} in its metadata is no whole number`);t[a]=n}try{let a=Object.entries(JSON.parse(r.metrics??"{}")).map(([n,o])=>[n,Number(o)]);t.metrics=Object.fromEntries(a)}catch(a){throw new x(`${e}: the metrics in its metadata are damaged`,{cause:a})}return t}async function st({name:r,url:e,bytes:t}){if(t)return ye(t,r);let a=await fetch(e).catch(n=>{throw new x(`Cannot fetch the model ${r}: ${n.message}`,{cause:n})});if(!a.ok)throw new x(`Cannot fetch the model ${r}: the server answered ${a.status}`);return ye(new Uint8Array(await a.arrayBuffer()),r)}function it(r,e,t){let a=new Uint8Array(e*t*3),n=new Uint8Array(e*t),o=!0,i=!0;for(let s=0,l=0,d=0;s<n.length;s++,l+=4,d+=3){let[c,u,p,m]=[r[l],r[l+1],r[l+2],r[l+3]];a[d]=c,a[d+1]=u,a[d+2]=p,n[s]=m,o&&=m===255,i&&=c===u&&u===p}return{width:e,height:t,rgb:a,grey:i,format:"canvas",...o?{}:{alpha:n}}}function ct(r,{width:e,alpha:t},{x0:a,x1:n,y0:o,y1:i},s){let l=new Uint8ClampedArray((n-a)*(i-o)*4);for(let d=o,c=0;d<i;d++)for(let u=a;u<n;u++,c+=4){let p=3*(d*e*s+u);l[c]=r[p],l[c+1]=r[p+1],l[c+2]=r[p+2],l[c+3]=t?t[Math.floor(d/s)*e+Math.floor(u/s)]:255}return l}function lt(){return self}function dt(r){return(r instanceof Error?r.message:String(r)).replaceAll(/\s+/g," ").trim()||"something failed that says nothing of itself"}var te=class extends Error{};function ut(r){let e=lt(),t=new Map,a,n=Promise.resolve(),o=async s=>(a?.key!==s.key&&(a?.network[Symbol.dispose](),a=void 0,a={key:s.key,network:await r(await st(s))}),a.network),i=async(s,l)=>{let{id:d,width:c,height:u,rgba:p}=s;try{l.throwIfAborted();let m=await o(s.model),{scale:y=1}=m.topology;e.postMessage({kind:"started",id:d,device:m.device,scale:y});let w=performance.now(),f=it(p,c,u),g;await et(f,m,{signal:l,onTile:({x0:h,x1:v,y0:_,y1:T},$)=>{let C={x0:h*y,x1:v*y,y0:_*y,y1:T*y};g={area:C,rgba:ct($,f,C,y)}},onProgress:(h,v)=>{g&&e.postMessage({kind:"tile",id:d,...g,done:h,total:v},[g.rgba.buffer])}}),e.postMessage({kind:"done",id:d,seconds:(performance.now()-w)/1e3})}catch(m){m instanceof te?e.postMessage({kind:"cancelled",id:d}):(a?.network[Symbol.dispose](),a=void 0,e.postMessage({kind:"failed",id:d,message:dt(m)}))}finally{t.delete(d)}};e.onmessage=({data:s})=>{if(s.kind==="cancel")t.get(s.id)?.abort(new te);else{let l=new AbortController;t.set(s.id,l),n=n.then(()=>i(s,l.signal))}}}ut(async({topology:r,parameters:e})=>{let t=await He();return nr(t,new X(t,r,e))});function nr(r,e){return{topology:e.topology,device:e.device,preferredTile:e.preferredTile,run:(t,a,n)=>e.run(t,a,n),[Symbol.dispose](){e[Symbol.dispose](),r[Symbol.dispose]()}}}
